import type { GraphQLError } from 'graphql';
import {
  type ExecutionArgs,
  type ExecutionResult,
  type GraphQLFormattedError,
  type GraphQLSchema,
} from 'graphql';
import type { IdempotencyOptions } from '../core/options/options.js';
import { createNamedIdempotency, type Idempotency } from '../graphql/create-idempotency.js';
import type { IdempotentResponse } from '../graphql/idempotent-response.js';
import type { RequestHeaders } from '../graphql/request/request-headers.js';
import { maskingOf, type FormatError } from './masking.js';

/** The options of {@link useIdempotency}. */
export interface EnvelopIdempotencyOptions<TContext> extends IdempotencyOptions<TContext> {
  /**
   * The masking of errors: the client's view of an answer is kept. For Envelop with `useMaskedErrors`
   * and the like; Yoga's `maskedErrors` is known without it.
   * @defaultValue `error.toJSON()`, as Yoga masks it
   */
  readonly formatError?: ((error: GraphQLError) => GraphQLFormattedError) | undefined;
}

/** The part of Envelop's hook before an execution that the plugin uses. */
export interface EnvelopExecution {
  /** The function that executes. */
  readonly executeFn: (args: never) => unknown;
  /** Takes what executes in its place. */
  readonly setExecuteFn: (execute: (args: never) => Promise<ExecutionResult>) => void;
}

/** A plugin for Yoga and Envelop. Its hooks are for these to call. */
export interface IdempotencyEnvelopPlugin {
  /** Refuses a second one. */
  onPluginInit(payload: { readonly plugins: readonly unknown[] }): void;
  /** Learns how Yoga masks errors. */
  onYogaInit(payload: { readonly yoga: object }): void;
  /** Checks and wraps the schema. */
  onSchemaChange(payload: { readonly schema: unknown }): void;
  /** Tells batches from single operations. */
  onRequestParse(payload: { readonly request: object }): {
    /** After a request has been read. */
    onRequestParseDone(payload: { readonly requestParserResult: unknown }): void;
  };
  /** Takes the place of the executor. */
  onExecute(payload: EnvelopExecution): void;
  /** Waits for what is in flight, and closes. Yoga's `dispose()` calls it; with Envelop you do. */
  onDispose(): Promise<void>;
}

const NAME = 'useIdempotency';
const BRAND = Symbol.for('graphql-idempotency.envelop-plugin');

/**
 * Makes the mutations that are marked with `@idempotent` safe to retry, in GraphQL Yoga and wherever
 * else Envelop plugins are used.
 *
 * @example
 * ```ts
 * const yoga = createYoga<Context>({
 *   schema,
 *   plugins: [useIdempotency<Context>({ store, scope: ({ user }) => user })],
 * });
 * ```
 *
 * `await yoga.dispose()` waits for what is in flight. Plugins that replace the executor come before it.
 *
 * @returns a plugin for one server. `createYoga` throws, with one message that lists every problem, if
 * an option or a mark in the schema is wrong
 */
export function useIdempotency<TContext extends object>(
  options: EnvelopIdempotencyOptions<TContext>,
): IdempotencyEnvelopPlugin {
  const { formatError, ...own } = { ...options };
  return envelopPlugin(createNamedIdempotency(own, NAME), formatError);
}

/** The plugin over an idempotency that other doors may share. */
export function envelopPlugin(
  idempotency: Idempotency,
  formatError?: FormatError,
): IdempotencyEnvelopPlugin {
  const door = new EnvelopDoor(idempotency, formatError);
  return {
    [BRAND]: true,
    onPluginInit: ({ plugins }) => {
      // A list may hold `false` for what is switched off.
      if (plugins.filter((plugin) => BRAND in Object(plugin)).length < 2) return;
      throw new Error(`${NAME} refuses to start:\n  - It stands in the list of plugins twice.`);
    },
    onYogaInit: ({ yoga }) => {
      door.servedBy(yoga);
    },
    onSchemaChange: ({ schema }) => {
      door.serve(schema as GraphQLSchema);
    },
    onRequestParse: ({ request }) => ({
      onRequestParseDone({ requestParserResult }) {
        if (Array.isArray(requestParserResult)) door.batches.add(request);
      },
    }),
    onExecute: ({ executeFn, setExecuteFn }) => {
      setExecuteFn((args) => door.execute(args, executeFn as (args: ExecutionArgs) => unknown));
    },
    onDispose: () => door.stop(),
  } as IdempotencyEnvelopPlugin;
}

class EnvelopDoor {
  /** Requests that hold several operations. */
  readonly batches = new WeakSet();
  readonly #idempotency: Idempotency;
  #formatError: FormatError | undefined;
  #isYoga = false;
  #started: Promise<void> | undefined;

  constructor(idempotency: Idempotency, formatError: FormatError | undefined) {
    this.#formatError = formatError;
    this.#idempotency = idempotency;
  }

  servedBy(yoga: object): void {
    this.#isYoga = true;
    this.#formatError ??= maskingOf(yoga);
  }

  serve(schema: GraphQLSchema): void {
    this.#idempotency.applyTo(schema);
    // So that the store has been looked at when the first request comes, which is told of a refusal.
    this.#start().catch(() => undefined);
  }

  async execute(
    args: ExecutionArgs,
    execute: (args: ExecutionArgs) => unknown,
  ): Promise<ExecutionResult> {
    await this.#start();
    const request = requestOf(args.contextValue);
    const response = await this.#idempotency.execute(args, {
      headers: request?.headers,
      isBatched: request !== undefined && this.batches.has(request),
      execute,
      formatError: this.#formatError,
    });
    return this.#isYoga ? withHttp(response) : response.result;
  }

  async stop(): Promise<void> {
    if (this.#started === undefined) return;
    await this.#started.catch(() => undefined);
    await this.#idempotency.drain();
    await this.#idempotency.close();
  }

  #start(): Promise<void> {
    return (this.#started ??= this.#idempotency.start());
  }
}

/** The Fetch request that brought an operation; a WebSocket has none for each. */
function requestOf(context: unknown): { readonly headers: RequestHeaders } | undefined {
  const { request } = Object(context) as { readonly request?: { readonly headers?: unknown } };
  return typeof request === 'object' && typeof request.headers === 'object'
    ? (request as { readonly headers: RequestHeaders })
    : undefined;
}

/** Puts the status and headers of the HTTP response where Yoga looks for them. */
function withHttp({ result, headers, status }: IdempotentResponse): ExecutionResult {
  if (status === undefined && Object.keys(headers).length === 0) return result;
  const given = (result.extensions?.['http'] ?? {}) as {
    readonly status?: number;
    readonly headers?: Readonly<Record<string, string>>;
  };
  const http = { ...given, headers: { ...given.headers, ...headers } };
  return {
    ...result,
    extensions: {
      ...result.extensions,
      http: status === undefined ? http : { ...http, status },
    },
  };
}
