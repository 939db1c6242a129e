import { ApolloServer, HeaderMap, type ApolloServerOptionsWithSchema } from '@apollo/server';
import { makeExecutableSchema } from '@graphql-tools/schema';
import type { GraphQLSchema } from 'graphql';
import {
  idempotencyPlugin,
  idempotentTypeDefs,
  MemoryStore,
  type IdempotencyEvent,
  type IdempotencyOptions,
} from '../../src/index.js';

/** The context of every test server. */
export interface TestContext {
  readonly user: string | null;
}

/** One HTTP exchange with a test server. */
export interface TestResponse {
  readonly status: number;
  readonly headers: ReadonlyMap<string, string>;
  readonly body: {
    readonly data?: Record<string, unknown> | null;
    readonly errors?: readonly {
      readonly message: string;
      readonly path?: readonly (string | number)[];
      readonly extensions: Record<string, unknown>;
    }[];
    readonly extensions?: { readonly idempotency?: Record<string, Record<string, unknown>> };
  };
}

/** A started Apollo Server and what the plugin told about it. */
export interface TestServer {
  readonly events: IdempotencyEvent[];
  post(
    query: string | undefined,
    request?: {
      variables?: Record<string, unknown>;
      headers?: Record<string, string>;
      user?: string | null;
      operationName?: string;
      extensions?: Record<string, unknown>;
    },
  ): Promise<TestResponse>;
  postBatch(operations: readonly object[], headers?: Record<string, string>): Promise<unknown[]>;
  stop(): Promise<void>;
}

/** SDL and resolvers, with the directive's definition beside them. */
export function sdl(typeDefs: string, resolvers: object): GraphQLSchema {
  return makeExecutableSchema({
    typeDefs: [idempotentTypeDefs, typeDefs],
    resolvers: resolvers as never,
  });
}

/** A server over a schema, not started yet. The caller's name is the scope. */
export function createServer(
  schema: GraphQLSchema,
  options: Partial<IdempotencyOptions<TestContext>> = {},
  apollo: Partial<ApolloServerOptionsWithSchema<TestContext>> = {},
): { server: ApolloServer<TestContext>; events: IdempotencyEvent[] } {
  const events: IdempotencyEvent[] = [];
  const server = new ApolloServer<TestContext>({
    schema,
    ...apollo,
    stopOnTerminationSignals: false,
    plugins: [
      idempotencyPlugin<TestContext>({
        store: new MemoryStore(),
        scope: ({ user }) => user,
        onEvent: (event) => events.push(event),
        ...options,
      }),
      ...(apollo.plugins ?? []),
    ],
  });
  return { server, events };
}

/** Starts a server without a socket: it is handed what an HTTP framework would hand it. */
export async function startServer(
  schema: GraphQLSchema,
  options: Partial<IdempotencyOptions<TestContext>> = {},
  apollo: Partial<ApolloServerOptionsWithSchema<TestContext>> = {},
): Promise<TestServer> {
  const { server, events } = createServer(schema, options, apollo);
  await server.start();

  async function exchange(
    body: unknown,
    headers: Record<string, string>,
    user: string | null,
  ): Promise<{ status: number; headers: HeaderMap; body: unknown }> {
    const response = await server.executeHTTPGraphQLRequest({
      httpGraphQLRequest: {
        method: 'POST',
        search: '',
        // As it arrives over HTTP: what is undefined is absent.
        body: JSON.parse(JSON.stringify(body)),
        headers: new HeaderMap([
          ['content-type', 'application/json'],
          ...Object.entries(headers).map(([name, value]): [string, string] => [
            name.toLowerCase(),
            value,
          ]),
        ]),
      },
      context: () => Promise.resolve({ user }),
    });
    if (response.body.kind !== 'complete') throw new Error('The response came in parts.');
    return {
      status: response.status ?? 200,
      headers: response.headers,
      body: JSON.parse(response.body.string),
    };
  }

  return {
    events,
    async post(query, { headers = {}, user = 'alice', ...rest } = {}) {
      return (await exchange({ query, ...rest }, headers, user)) as TestResponse;
    },
    async postBatch(operations, headers = {}) {
      return (await exchange(operations, headers, 'alice')).body as unknown[];
    },
    stop: () => server.stop(),
  };
}

/** The codes of a response's errors. */
export function codes(response: TestResponse): unknown[] {
  return (response.body.errors ?? []).map(({ extensions }) => extensions['code']);
}
