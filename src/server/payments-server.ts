import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { ApolloServer } from '@apollo/server';
import { ApolloServerPluginDrainHttpServer } from '@apollo/server/plugin/drainHttpServer';
import { expressMiddleware } from '@as-integrations/express5';
import express from 'express';
import { idempotencyPlugin } from '../index.js';
import { checkoutRoutes } from './checkout.js';
import type { ServerConfig } from './config.js';
import type { ServerContext } from './context.js';
import { bodyErrors, callerOf, health, requestHandlers } from './http.js';
import { landingPage } from './landing-page.js';
import type { Log } from './log.js';
import { logEvent } from './log-event.js';
import { openLedger } from './ledger/ledger.js';
import { readPageFiles } from './page-files.js';
import { createMetrics } from './metrics.js';
import { createProcessor } from './processor.js';
import { openRecordStore } from './record-store.js';
import { createSchema } from './schema/schema.js';
import { createStoreSwitch } from './store-switch.js';

/** A payments server that accepts requests. */
export interface PaymentsServer {
  readonly url: string;
  /** Where idempotency records are kept. */
  readonly storeDescription: string;
  /** Lets what is under way end, then closes everything. */
  stop(): Promise<void>;
}

const HEALTH_MS_MAX = 1_000;
const STOP_MS_MAX = 10_000;
/** What the build makes of src/checkout. */
const PAGE_FOLDER = join(__dirname, 'checkout');

/**
 * Starts the server.
 *
 * @param log - receives lines for the operator
 * @throws Error when the port is taken, the ledger cannot be opened, or a setting is out of range
 */
export async function startPaymentsServer(config: ServerConfig, log: Log): Promise<PaymentsServer> {
  const ledger = openLedger(config.databaseFile);
  const processor = createProcessor(config.processorLatencyMs);
  const records = openRecordStore(config.redisUrls, (error) => {
    log('warn', 'Redis', { error });
  });
  const storeSwitch = config.checkoutSwitches ? createStoreSwitch(records.store) : undefined;
  const store = storeSwitch?.store ?? records.store;
  const metrics = config.metrics ? createMetrics() : undefined;
  const close = (): void => {
    records.close();
    ledger.close();
  };
  const app = express().disable('x-powered-by');
  const httpServer = createServer((request, response) => {
    app(request, response);
  });
  const server = new ApolloServer<ServerContext>({
    schema: createSchema(),
    introspection: true,
    includeStacktraceInErrorResponses: false,
    stopOnTerminationSignals: false,
    plugins: [
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
      landingPage(),
    ],
  });
  try {
    await server.start();
    app.get(
      '/health',
      health(() => pingWithin(store, HEALTH_MS_MAX), store.name),
    );
    if (metrics !== undefined) app.get('/metrics', metrics.handler);
    const files = readPageFiles(PAGE_FOLDER);
    app.use('/checkout', checkoutRoutes({ files, storeName: store.name, storeSwitch, log }));
    app.use(
      '/',
      ...requestHandlers(),
      expressMiddleware(server, {
        context: ({ req }) =>
          Promise.resolve({ caller: callerOf(req.headers.authorization), ledger, processor }),
      }),
    );
    app.use(bodyErrors);
    httpServer.listen(config.port);
    await once(httpServer, 'listening');
  } catch (error) {
    close();
    throw error;
  }
  const { port } = httpServer.address() as AddressInfo;
  return {
    url: `http://localhost:${port}/`,
    storeDescription: records.description,
    async stop() {
      await server.stop();
      await metrics?.stop();
      close();
    },
  };
}

async function pingWithin(store: { ping(): Promise<void> }, timeoutMs: number): Promise<void> {
  const timer = new AbortController();
  const late = sleep(timeoutMs, undefined, { signal: timer.signal, ref: false }).then(() => {
    throw new Error('The store did not answer in time.');
  });
  late.catch(() => undefined);
  try {
    await Promise.race([store.ping(), late]);
  } finally {
    timer.abort();
  }
}
