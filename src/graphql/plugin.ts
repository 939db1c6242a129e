import type { IdempotencyOptions } from '../core/options/options.js';
import type { ApolloRequestLike, ApolloResponseLike, IdempotencyPlugin } from './apollo-plugin.js';
import type { MarkedOperation } from './operation/marked-operation.js';
import { writeReports } from './response-marks.js';
import { ExecutedOperation, type RootKeys } from './result/operation-result.js';
import { IdempotencyRuntime } from './runtime.js';
import { startError } from './schema/wrap-field.js';

/**
 * Makes the mutations that are marked with `@idempotent` safe to retry.
 *
 * @example
 * ```ts
 * const server = new ApolloServer({
 *   typeDefs: [idempotentTypeDefs, typeDefs],
 *   resolvers,
 *   plugins: [idempotencyPlugin({ store: new RedisStore(redis, { service: 'payments' }), scope: (context) => context.userId })],
 * });
 * ```
 *
 * @returns a plugin for one Apollo Server. The server refuses to start, with one message that
 * lists every problem, if an option or a mark in the schema is wrong
 */
export function idempotencyPlugin<TContext extends object>(
  given: IdempotencyOptions<TContext>,
): IdempotencyPlugin<TContext> {
  return apolloPlugin(new IdempotencyRuntime(given));
}

/** The plugin of an Apollo Server over a runtime. */
export function apolloPlugin<TContext extends object>(
  runtime: IdempotencyRuntime<TContext>,
): IdempotencyPlugin<TContext> {
  return {
    async serverWillStart(server) {
      const { schema } = server;
      if (equipped.has(server)) {
        throw startError('idempotencyPlugin', ['the server has it twice: list it once.']);
      }
      equipped.add(server);
      runtime.prepare(schema);
      await runtime.start();
      return {
        schemaDidLoadOrUpdate({ apiSchema }) {
          runtime.prepare(apiSchema);
        },
        drainServer: () => runtime.drain(),
        serverWillStop: () => runtime.close(),
      };
    },

    requestDidStart(started) {
      let admitted: MarkedOperation<TContext> | undefined;
      return Promise.resolve({
        // The only hook whose errors reach the client as they are.
        didResolveOperation({
          schema,
          document,
          operation,
          request,
          contextValue,
          requestIsBatched,
        }) {
          if (document === undefined || operation === undefined) return DONE;
          admitted = runtime.admit({
            schema,
            document,
            operation,
            variables: request.variables,
            context: contextValue,
            headerOf: (name) => request.http?.headers.get(name),
            isBatched: requestIsBatched,
            capturesResponses: true,
          });
          return DONE;
        },
        executionDidStart() {
          if (admitted === undefined) return DONE;
          const operation = admitted;
          return Promise.resolve({
            // Errors are formatted, and no other plugin has seen what will be sent.
            executionDidEnd: () =>
              operation.finish(() => executedBy(started, operation.settings.rootKeys)),
          });
        },
        willSendResponse({ response, requestIsBatched }) {
          if (admitted !== undefined) writeReports(response, admitted, requestIsBatched);
          return DONE;
        },
      });
    },
  };
}

/** Servers, as each hands itself to all of its plugins. */
const equipped = new WeakSet();

const DONE = Promise.resolve(undefined);

/** Apollo's result of an operation; `undefined` without a single complete result. */
function executedBy(
  { response, errors }: Pick<ApolloRequestLike<object>, 'response' | 'errors'>,
  rootKeys: RootKeys,
): ExecutedOperation | undefined {
  // There is no body when execution failed as a whole, and an incremental one has deferred parts.
  const { body, http } = response;
  if (body?.kind !== 'single') return undefined;
  return new ExecutedOperation(body.singleResult, errors ?? [], rootKeys, ({ status, headers }) => {
    setHttp(http, status, headers);
  });
}

function setHttp(
  http: ApolloResponseLike['http'],
  status: unknown,
  headers: readonly (readonly [string, string])[],
): void {
  if (typeof status === 'number') http.status = status;
  for (const [name, value] of headers) http.headers.set(name, value);
}
