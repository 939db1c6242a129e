import { ApolloServer, type BaseContext } from '@apollo/server';
import { startStandaloneServer } from '@apollo/server/standalone';
import { composeServices } from '@apollo/composition';
import { ApolloGateway } from '@apollo/gateway';
import { buildSubgraphSchema } from '@apollo/subgraph';
import { GraphQLError, parse } from 'graphql';
import { idempotentTypeDefs } from 'graphql-idempotency';
import { Redis } from 'ioredis';
import { idempotentDataSource, replayMarks } from '../../docs/examples/federation-gateway.js';
import { paymentsSubgraph, type PaymentsContext } from '../../docs/examples/federation-subgraph.js';
import {
  bookingsSubgraph,
  Booking,
  type BookingsContext,
} from '../../docs/examples/federation-type-graphql.js';
import type { TestResponse } from '../graphql/apollo.js';
import { startTcpProxy, type TcpProxy } from '../support/tcp-proxy.js';

/** What the subgraphs did, in order. */
export interface EffectLog {
  readonly effects: string[];
  /** Keeps every effect from being answered, until {@link release}. */
  hold(): void;
  release(): void;
  readonly held: Promise<void>;
}

/** A subgraph without idempotent mutations. */
const ACCOUNTS = `
  extend schema @link(url: "https://specs.apollo.dev/federation/v2.3", import: ["@key"])
  type User @key(fields: "id") { id: ID!, name: String }
  type Query { viewer: User }
  type Mutation { rename(name: String!): User }
`;

/** An HTTP server with a proxy before it, that a test can cut. */
export interface Served {
  /** Through the proxy. */
  readonly url: string;
  /** Past the proxy. */
  readonly port: number;
  readonly proxy: TcpProxy;
  stop(): Promise<void>;
}

/** A request to a gateway. */
export interface GraphRequest {
  readonly key?: string;
  /** @defaultValue 'alice' */
  readonly user?: string;
  readonly variables?: Record<string, unknown>;
}

export function createEffectLog(): EffectLog {
  let held = Promise.resolve();
  let release = (): void => undefined;
  return {
    effects: [],
    hold() {
      held = new Promise((resolve) => (release = resolve));
    },
    release: () => {
      release();
    },
    get held() {
      return held;
    },
  };
}

async function make<T>(log: EffectLog, effect: string, made: T): Promise<T> {
  log.effects.push(effect);
  await log.held;
  return made;
}

function bankOf(log: EffectLog): PaymentsContext['bank'] {
  return {
    pay(user, amount) {
      if (amount > 1_000) {
        log.effects.push(`declined ${String(amount)}`);
        throw new GraphQLError('Declined.', { extensions: { code: 'DECLINED', limit: 1_000 } });
      }
      const id = `p${String(log.effects.length)}`;
      return make(log, `pay ${String(amount)}`, { id, amount, payer: { id: user } });
    },
    refund: (id) => make(log, `refund ${id}`, { id, amount: 0, payer: { id: 'alice' } }),
  };
}

/** Serves what an example makes, on a port of its own and behind a proxy. */
async function serve<T extends BaseContext>(
  server: ApolloServer<T>,
  contextOf: (user: string) => T,
): Promise<Served> {
  const { url } = await startStandaloneServer(server, {
    listen: { port: 0, host: '127.0.0.1' },
    context: ({ req }) => Promise.resolve(contextOf(req.headers.authorization ?? '')),
  });
  const port = Number(new URL(url).port);
  const proxy = await startTcpProxy(port);
  return {
    port,
    url: `http://127.0.0.1:${String(proxy.port)}/`,
    proxy,
    async stop() {
      await server.stop();
      await proxy.close();
    },
  };
}

export function servePayments(
  log: EffectLog,
  redisUrl: string,
  create: (redis: Redis) => ApolloServer<PaymentsContext> = paymentsSubgraph,
): Promise<Served> {
  const bank = bankOf(log);
  return withRedis(redisUrl, (redis) => serve(create(redis), (user) => ({ user, bank })));
}

export function serveBookings(log: EffectLog, redisUrl: string): Promise<Served> {
  const book: BookingsContext['book'] = (user, nights, reference) => {
    const booking = { id: String(reference), nights, guest: { id: user } };
    return make(log, `book ${String(nights)}`, Object.assign(new Booking(), booking));
  };
  return withRedis(redisUrl, async (redis) =>
    serve(await bookingsSubgraph(redis), (user) => ({ user, book })),
  );
}

/**
 * @param definitions - how it defines the directive, of which it has no use
 */
export function serveAccounts(log: EffectLog, definitions = idempotentTypeDefs): Promise<Served> {
  const schema = buildSubgraphSchema([
    {
      typeDefs: parse(ACCOUNTS + definitions),
      resolvers: {
        User: {
          __resolveReference: ({ id }: { id: string }) => ({ id, name: `Name of ${id}` }),
        },
        Query: { viewer: () => ({ id: 'alice', name: 'Alice' }) },
        Mutation: {
          rename: (_: unknown, { name }: { name: string }) =>
            make(log, `rename ${name}`, { id: 'alice', name }),
        },
      },
    },
  ]);
  return serve(new ApolloServer({ schema }), () => ({}));
}

async function withRedis(url: string, start: (redis: Redis) => Promise<Served>): Promise<Served> {
  const redis = new Redis(url);
  const served = await start(redis);
  return {
    ...served,
    async stop() {
      await served.stop();
      redis.disconnect();
    },
  };
}

/** The supergraph of running subgraphs, from the SDL that they tell. */
export async function compose(
  subgraphs: Readonly<Record<string, Served>>,
): Promise<{ supergraphSdl: string; hints: string[] }> {
  const services = await Promise.all(
    Object.entries(subgraphs).map(async ([name, { url }]) => {
      const { body } = await post(url, { query: '{ _service { sdl } }' });
      const { sdl } = body.data?.['_service'] as { sdl: string };
      return { name, url, typeDefs: parse(sdl) };
    }),
  );
  const { supergraphSdl, errors, hints } = composeServices(services);
  if (supergraphSdl === undefined) throw new AggregateError(errors);
  return { supergraphSdl, hints: hints.map(({ definition }) => definition.code) };
}

/** A gateway of the example's parts, and how it is asked. */
export interface Gateway extends Served {
  post(query: string, request?: GraphRequest): Promise<TestResponse>;
  postBatch(queries: readonly string[], request?: GraphRequest): Promise<TestResponse>;
}

export async function serveGateway(server: ApolloServer): Promise<Gateway> {
  const served = await serve(server, () => ({}));
  return {
    ...served,
    post: (query, { variables, ...request } = {}) =>
      post(served.url, { query, variables }, request),
    postBatch: (queries, request = {}) =>
      post(
        served.url,
        queries.map((query) => ({ query })),
        request,
      ),
  };
}

/** As the example's, with more of its servers' options. */
export function gatewayWith(
  supergraphSdl: string,
  { apq = false, batches = false }: { apq?: boolean; batches?: boolean },
): ApolloServer {
  return new ApolloServer({
    gateway: new ApolloGateway({
      supergraphSdl,
      buildService: ({ url = '' }) => Object.assign(idempotentDataSource(url), { apq }),
    }),
    allowBatchedHttpRequests: batches,
    plugins: [replayMarks()],
  });
}

async function post(
  url: string,
  body: unknown,
  { key, user = 'alice' }: Omit<GraphRequest, 'variables'> = {},
): Promise<TestResponse> {
  const response = await fetch(url, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      authorization: user,
      ...(key === undefined ? {} : { 'idempotency-key': key }),
    },
    body: JSON.stringify(body),
  });
  return {
    status: response.status,
    headers: new Map(response.headers),
    body: (await response.json()) as TestResponse['body'],
  };
}
