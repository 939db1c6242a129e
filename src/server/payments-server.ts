import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { createServer, type Server, type ServerOptions } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { ApolloServer } from '@apollo/server';
import { ApolloServerPluginDrainHttpServer } from '@apollo/server/plugin/drainHttpServer';
import { expressMiddleware } from '@as-integrations/express5';
import express from 'express';
import { idempotencyPlugin } from '../index.js';
import type { ServerConfig } from './config.js';
import type { ServerContext } from './context.js';
import { callerOf } from './http/caller.js';
import { checkoutRoutes } from './http/checkout.js';
import { graphiqlRoutes } from './http/graphiql.js';
import { health } from './http/health.js';
import { landingPage } from './http/landing-page.js';
import { queryLimits, TOKENS_MAX } from './http/query-limits.js';
import { requestErrors } from './http/request-errors.js';
import { notAllowed, notFound, requestHandlers } from './http/request-handlers.js';
import type { Log } from './log.js';
import { logEvent } from './log-event.js';
import { openLedger } from './ledger/ledger.js';
import { createMetrics } from './metrics.js';
import { createProcessor } from './processor.js';
import { pruneHourly } from './prune-hourly.js';
import { openRecordStore } from './record-store.js';
import { createSchema } from './schema/schema.js';
import { createStoreSwitch } from './store-switch.js';

/** A payments server that accepts requests. */
export interface PaymentsServer {
  readonly url: string;
  /** The location of the idempotency records. */
  readonly storeDescription: string;
  /** The location of the ledger. */
  readonly ledgerDescription: string;
  /** Lets what is in flight end, then closes everything. */
  stop(): Promise<void>;
}

const STOP_MS_MAX = 10_000;
/** The folder of the built src/checkout. */
const PAGE_FOLDER = join(__dirname, 'checkout');
/** The folder of the built src/graphiql-page. */
const GRAPHIQL_FOLDER = join(__dirname, 'graphiql');
const GRAPHIQL_PATH = '/graphiql';

/**
 * Starts the server.
 *
 * @param log - receives lines for the operator
 * @throws Error when the port is taken, the ledger cannot be opened, or a setting is out of range
 */
export async function startPaymentsServer(config: ServerConfig, log: Log): Promise<PaymentsServer> {
  const ledger = await openLedger(config, (error) => {
    log.warn({ error }, 'PostgreSQL');
  });
  const processor = createProcessor(config.processorLatencyMs);
  const records = openRecordStore(config.redisUrls, (error) => {
    log.warn({ error }, 'Redis');
  });
  const storeSwitch = config.checkoutSwitches ? createStoreSwitch(records) : undefined;
  const store = storeSwitch?.store ?? records.store;
  const metrics = config.metrics ? createMetrics() : undefined;
  const stopPruning = pruneHourly(ledger, log);
  const close = async (): Promise<void> => {
    stopPruning();
    records.close();
    await ledger.close();
  };
  const app = express().disable('x-powered-by');
  const httpServer = createServer(httpLimits(config.requestTimeoutMs), (request, response) => {
    app(request, response);
  });
  const server = new ApolloServer<ServerContext>({
    schema: createSchema(),
    introspection: true,
    includeStacktraceInErrorResponses: false,
    parseOptions: { maxLexicalTokens: TOKENS_MAX },
    stopOnTerminationSignals: false,
    plugins: [
      queryLimits(),
      idempotencyPlugin<ServerContext>({
        store,
        scope: ({ caller }) => caller,
        ...config.idempotency,
        telemetry: metrics?.telemetry,
        onEvent: (event) => {
          logEvent(event, log);
        },
      }),
      ApolloServerPluginDrainHttpServer({ httpServer, stopGracePeriodMillis: STOP_MS_MAX }),
      landingPage(existsSync(GRAPHIQL_FOLDER) ? GRAPHIQL_PATH : undefined),
    ],
  });
  try {
    await server.start();
    app.route('/health').get(health(store)).all(notAllowed('GET, HEAD'));
    if (metrics !== undefined) {
      app.route('/metrics').get(metrics.handler).all(notAllowed('GET, HEAD'));
    }
    app.use(
      '/checkout',
      checkoutRoutes({ folder: PAGE_FOLDER, storeName: store.name, storeSwitch, log }),
    );
    app.use(GRAPHIQL_PATH, graphiqlRoutes(GRAPHIQL_FOLDER));
    app.all(
      '/',
      ...requestHandlers(),
      expressMiddleware(server, {
        context: ({ req }) =>
          Promise.resolve({ caller: callerOf(req.headers.authorization), ledger, processor }),
      }),
    );
    app.use(notFound);
    app.use(requestErrors(log));
    await listen(httpServer, config.port);
  } catch (error) {
    await close();
    throw error;
  }
  const { port } = httpServer.address() as AddressInfo;
  return {
    url: `http://localhost:${port}/`,
    storeDescription: records.description,
    ledgerDescription: ledger.description,
    async stop() {
      await server.stop();
      await metrics?.stop();
      await close();
    },
  };
}

/** @throws Error when the port cannot be had, with what to do if another program has it */
async function listen(server: Server, port: number): Promise<void> {
  server.listen(port);
  try {
    await once(server, 'listening');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EADDRINUSE') throw error;
    const advice = 'Stop the program that uses it, or set PORT to another.';
    throw new Error(`Port ${String(port)} is in use. ${advice}`, { cause: error });
  }
}

/** Limits of a client's connection: one that sends slowly, or nothing, must not stay open. */
function httpLimits(requestTimeoutMs: number): ServerOptions {
  return {
    requestTimeout: requestTimeoutMs,
    headersTimeout: requestTimeoutMs,
    connectionsCheckingInterval: Math.ceil(requestTimeoutMs / 4),
  };
}
