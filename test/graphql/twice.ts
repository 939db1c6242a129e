import type { ApolloServerOptionsWithSchema } from '@apollo/server';
import { ApolloServerPluginCacheControlDisabled } from '@apollo/server/plugin/disabled';
import type { GraphQLSchema } from 'graphql';
import type { IdempotencyOptions } from '../../src/index.js';
import { startServer, type TestContext, type TestResponse } from './apollo.js';

/** Two requests with one key, and what was told of them. */
export interface Twice {
  readonly first: TestResponse;
  readonly second: TestResponse;
  /** The kept form in the first report, by response key. */
  readonly kept: Readonly<Record<string, unknown>>;
}

/** Options of two equal requests. */
export interface TwiceOptions {
  readonly plugin?: Partial<IdempotencyOptions<TestContext>>;
  readonly apollo?: Partial<ApolloServerOptionsWithSchema<TestContext>>;
  readonly variables?: Record<string, unknown>;
  /** Another document for the second request. */
  readonly again?: string;
  /** Called between the two. */
  readonly between?: () => void;
}

/** With Apollo's cache control, which wraps every resolver at the first request, and without. */
export const CACHE_CONTROL: readonly [
  string,
  Partial<ApolloServerOptionsWithSchema<TestContext>>,
][] = [
  ['with cache control', {}],
  ['without cache control', { plugins: [ApolloServerPluginCacheControlDisabled()] }],
];

/** Sends a document twice with one key to a server of its own. */
export async function sendTwice(
  schema: GraphQLSchema,
  query: string,
  { plugin, apollo, variables = {}, again = query, between }: TwiceOptions = {},
): Promise<Twice> {
  const server = await startServer(schema, plugin, apollo);
  try {
    const headers = { 'idempotency-key': 'k1' };
    const first = await server.post(query, { headers, variables });
    between?.();
    const second = await server.post(again, { headers, variables });
    const reports = Object.entries(first.body.extensions?.idempotency ?? {});
    const kept = Object.fromEntries(reports.map(([key, report]) => [key, report['kept']]));
    return { first, second, kept };
  } finally {
    await server.stop();
  }
}
