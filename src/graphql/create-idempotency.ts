import {
  execute,
  getOperationAST,
  GraphQLError,
  type ExecutionArgs,
  type ExecutionResult,
  type GraphQLFormattedError,
  type GraphQLSchema,
} from 'graphql';
import type { IdempotencyOptions } from '../core/options/options.js';
import { ResponseDraft, type IdempotentResponse } from './idempotent-response.js';
import type { MarkedOperation } from './operation/marked-operation.js';
import { operationOf } from './schema/registry.js';
import { headerReader, type RequestHeaders } from './request/request-headers.js';
import { besideStubs } from './result/stub.js';
import { IdempotencyRuntime } from './runtime.js';

/** The request that brought an operation. */
export interface IdempotentRequest {
  /**
   * The request's headers. A WebSocket has none for each operation: there, keys are arguments or
   * `@idempotent(key:)`.
   */
  readonly headers?: RequestHeaders | undefined;
  /**
   * Whether the request brought several operations. A key in its header is refused then.
   * @defaultValue false
   */
  readonly isBatched?: boolean | undefined;
  /**
   * Executes the operation: another executor, or your server's own. A result that comes in parts, as
   * with `@defer`, is handed on as it is, without `extensions.idempotency`.
   * @defaultValue `execute` of graphql
   */
  readonly execute?: ((args: ExecutionArgs) => unknown) | undefined;
  /**
   * The formatting of errors, if your server masks or changes them: the client's view of an answer is
   * kept.
   * @defaultValue `error.toJSON()`
   */
  readonly formatError?: ((error: GraphQLError) => GraphQLFormattedError) | undefined;
}

/** Idempotency for a server that executes operations itself; {@link createIdempotency} makes it. */
export interface Idempotency {
  /**
   * Wraps the marked mutations of a schema, and checks them and the options.
   *
   * @param schema - changed in place; its resolvers must be in it
   * @returns the same schema
   * @throws Error that lists every problem
   */
  applyTo(schema: GraphQLSchema): GraphQLSchema;
  /**
   * Makes ready for operations and looks at the store. Once, before the first operation.
   *
   * @throws Error if the store refuses how it is set up
   */
  start(): Promise<void>;
  /**
   * Executes an operation that has been validated, in place of graphql's `execute`. Refusals are
   * results with errors.
   *
   * @param args - as for `execute`. `contextValue` is an object, of this operation alone
   * @throws Error when it was not started, or was closed; and what the executor throws
   */
  execute(args: ExecutionArgs, request?: IdempotentRequest): Promise<IdempotentResponse>;
  /** Waits for everything in flight, for at most `drainTimeoutMs`. */
  drain(): Promise<void>;
  /** Ends, after `drain`, and closes what the store has opened. */
  close(): Promise<void>;
}

/**
 * Idempotency for any server that executes GraphQL: `execute` takes the place of graphql's.
 *
 * @example
 * ```ts
 * const idempotency = createIdempotency<Context>({ store, scope: ({ userId }) => userId });
 * idempotency.applyTo(schema);
 * await idempotency.start();
 * const { result, headers } = await idempotency.execute(
 *   { schema, document, variableValues, contextValue: { userId } },
 *   { headers: request.headers },
 * );
 * ```
 */
export function createIdempotency<TContext extends object>(
  options: IdempotencyOptions<TContext>,
): Idempotency {
  return createNamedIdempotency(options, 'createIdempotency');
}

/**
 * As {@link createIdempotency}, for a door of a server that exists.
 *
 * @param name - what refuses to start, as the door's user calls it
 */
export function createNamedIdempotency<TContext extends object>(
  options: IdempotencyOptions<TContext>,
  name: string,
): Idempotency {
  return idempotencyOver(new IdempotencyRuntime(options, name), name);
}

/** As {@link createNamedIdempotency}, over a runtime that other doors may share. */
export function idempotencyOver<TContext extends object>(
  runtime: IdempotencyRuntime<TContext>,
  name: string,
): Idempotency {
  return new OwnServer(runtime, name);
}

class OwnServer<TContext extends object> implements Idempotency {
  readonly #name: string;
  readonly #runtime: IdempotencyRuntime<TContext>;
  #state: 'new' | 'started' | 'closed' = 'new';

  constructor(runtime: IdempotencyRuntime<TContext>, name: string) {
    this.#name = name;
    this.#runtime = runtime;
  }

  applyTo(schema: GraphQLSchema): GraphQLSchema {
    this.#runtime.prepare(schema);
    return schema;
  }

  async start(): Promise<void> {
    if (this.#state !== 'new') throw new Error(`${this.#name}: start() was called before.`);
    this.#state = 'started';
    await this.#runtime.start();
  }

  async execute(
    args: ExecutionArgs,
    { headers, isBatched = false, execute: run = execute, formatError }: IdempotentRequest = {},
  ): Promise<IdempotentResponse> {
    if (this.#state !== 'started') {
      const problem = this.#state === 'new' ? 'call start() first' : 'it is closed';
      throw new Error(`${this.#name} executes nothing: ${problem}.`);
    }
    const own = { ...args, contextValue: ownContext(args.contextValue) };
    const draft = new ResponseDraft();
    let admitted: MarkedOperation<TContext> | undefined;
    try {
      admitted = this.#admit(own, headers, isBatched);
    } catch (error) {
      if (!(error instanceof GraphQLError)) throw error;
      return draft.refuse(error);
    }
    if (admitted === undefined) return draft.pass((await run(own)) as ExecutionResult);
    if (own.fieldResolver) own.fieldResolver = besideStubs(own.fieldResolver);
    let result: ExecutionResult;
    try {
      result = (await run(own)) as ExecutionResult;
    } catch (error) {
      await admitted.finish(() => undefined);
      throw error;
    }
    if (comesInParts(result)) {
      await admitted.finish(() => undefined);
      return draft.pass(result);
    }
    const format = formatError ?? ((error: GraphQLError) => error.toJSON());
    return draft.finish(admitted, result, { isBatched, formatError: format });
  }

  drain(): Promise<void> {
    return this.#runtime.drain();
  }

  async close(): Promise<void> {
    if (this.#state !== 'started') return;
    this.#state = 'closed';
    await this.#runtime.close();
  }

  #admit(
    { schema, document, operationName, variableValues, contextValue }: OwnArgs,
    headers: RequestHeaders | undefined,
    isBatched: boolean,
  ): MarkedOperation<TContext> | undefined {
    // The executor says what is wrong with a name that no operation has.
    const operation = getOperationAST(document, operationName);
    if (!operation) return undefined;
    return this.#runtime.admit({
      schema,
      document,
      operation,
      variables: variableValues ?? undefined,
      context: contextValue,
      headerOf: headerReader(headers),
      isBatched,
      capturesResponses: true,
    });
  }
}

type OwnArgs = ExecutionArgs & { readonly contextValue: object };

/** Whether parts of a result follow later: there is no whole response to keep or to report on. */
function comesInParts(result: object): boolean {
  return Symbol.asyncIterator in result || 'initialResult' in result;
}

/** A context value that no other operation has: what runs the marked fields is attached to it. */
function ownContext(context: unknown): object {
  if (context === undefined || context === null) return {};
  if (typeof context !== 'object') {
    throw new TypeError('createIdempotency needs a contextValue that is an object.');
  }
  if (Object.isExtensible(context) && operationOf(context) === undefined) return context;
  const prototype = Object.getPrototypeOf(context) as object | null;
  return Object.assign(Object.create(prototype) as object, context);
}
