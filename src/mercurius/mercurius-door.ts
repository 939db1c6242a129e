import {
  getOperationAST,
  GraphQLError,
  Kind,
  type DocumentNode,
  type GraphQLSchema,
} from 'graphql';
import { findMarkedFields } from '../graphql/schema/marked-fields.js';
import { headerReader, type RequestHeaders } from '../graphql/request/request-headers.js';
import type { IdempotencyRuntime } from '../graphql/runtime.js';
import { applyIdempotency, startError, wrappedField } from '../graphql/schema/wrap-field.js';
import { MercuriusCall, type MercuriusExecution, type MercuriusReply } from './mercurius-call.js';

/** The properties that Mercurius adds to a resolver's context. */
interface MercuriusContext {
  readonly reply?: MercuriusReply & { readonly request: { readonly headers: RequestHeaders } };
  /** The number of operations in the request, if it was a list. */
  readonly operationsCount?: number;
}

/** `app.graphql`: executes an operation, and is where hooks are added. */
interface Mercurius {
  (source: unknown, context: unknown, variables: unknown, operationName: unknown): unknown;
  readonly schema: GraphQLSchema;
  addHook(name: 'preExecution', hook: PreExecutionHook): void;
  addHook(name: 'onResolution', hook: OnResolutionHook): void;
}

type PreExecutionHook = (
  schema: GraphQLSchema,
  document: DocumentNode,
  context: object,
  variables: Readonly<Record<string, unknown>> | null | undefined,
) => Promise<{ readonly document: DocumentNode } | undefined>;

type OnResolutionHook = (execution: MercuriusExecution, context: object) => Promise<void>;

const BRAND = Symbol.for('graphql-idempotency.mercurius');
/** The property of an operation's context that holds its call. */
const CALL = Symbol.for('graphql-idempotency.mercurius.call');

/** Idempotency for the operations of one Mercurius. */
export class MercuriusDoor<TContext extends object> {
  readonly #runtime: IdempotencyRuntime<TContext>;
  readonly #name: string;
  readonly #prepared = new WeakSet<GraphQLSchema>();
  #mercurius: Mercurius | undefined;
  #isStarted = false;

  /** @param name - what refuses to start */
  constructor(runtime: IdempotencyRuntime<TContext>, name: string) {
    this.#runtime = runtime;
    this.#name = name;
  }

  /**
   * Stands in for `app.graphql`, which alone is told the operation's name, and adds its hooks.
   *
   * @throws Error when there is no Mercurius, or it has a door, or its schema has wrong marks
   */
  install(app: object): void {
    const owner = ownerOf(app, 'graphql');
    const mercurius = (owner as { readonly graphql?: Mercurius } | undefined)?.graphql;
    if (owner === undefined || typeof mercurius?.addHook !== 'function') {
      throw startError(this.#name, [
        'Mercurius is missing: install the package mercurius, and register it before this plugin.',
      ]);
    }
    if (BRAND in mercurius) throw startError(this.#name, ['it was registered twice.']);
    Object.defineProperty(mercurius, BRAND, { value: true });
    // Plugins that guard resolvers come later, so that they stand around the doors.
    applyIdempotency(mercurius.schema);
    mercurius.addHook('preExecution', (schema, document, context, variables) =>
      this.#admit(schema, document, context, variables ?? undefined),
    );
    mercurius.addHook('onResolution', async (execution, context) => {
      await callOf(context)?.finish(execution);
    });
    this.#mercurius = mercurius;
    const graphql = new Proxy(mercurius, {
      apply: (target, self, given) => this.#execute(target.bind(self), given as never),
    });
    Object.assign(owner, { graphql });
  }

  /** @throws Error with everything that is wrong */
  async start(): Promise<void> {
    if (this.#mercurius === undefined) return;
    this.#prepare(this.#mercurius.schema);
    this.#isStarted = true;
    await this.#runtime.start();
  }

  drain(): Promise<void> {
    return this.#runtime.drain();
  }

  async close(): Promise<void> {
    if (this.#isStarted) await this.#runtime.close();
  }

  async #execute(
    execute: Mercurius,
    [source, given, variables, operationName]: readonly [unknown, unknown, unknown, unknown],
  ): Promise<unknown> {
    const context = ownContext(given);
    const call = new MercuriusCall(operationName as string | null | undefined);
    Object.defineProperty(context, CALL, { value: call });
    try {
      return await execute(source, context, variables, operationName);
    } finally {
      await call.end();
    }
  }

  async #admit(
    schema: GraphQLSchema,
    document: DocumentNode,
    context: object,
    variables: Readonly<Record<string, unknown>> | undefined,
  ): Promise<{ readonly document: DocumentNode } | undefined> {
    const call = callOf(context);
    const operation = call && getOperationAST(document, call.operationName);
    // Mercurius says what is wrong with the name.
    if (!operation) return undefined;
    this.#prepare(schema);
    const { reply, operationsCount } = context as MercuriusContext;
    call.reply = reply;
    call.isBatched = operationsCount !== undefined;
    try {
      call.admitted = this.#runtime.admit({
        schema,
        document,
        operation,
        variables,
        context,
        headerOf: headerReader(reply?.request.headers),
        isBatched: call.isBatched,
        capturesResponses: true,
      });
    } catch (error) {
      throw error instanceof GraphQLError ? call.refuse(error) : error;
    }
    // A given document is executed by graphql, and not by what the JIT compiler has made of the source:
    // responses are replayed past graphql's executor only, and the compiled one does not look at the
    // operation's name.
    const isCompilable = call.admitted === undefined && countOperations(document) === 1;
    return Promise.resolve(isCompilable ? undefined : { document });
  }

  /** @throws Error when there is something wrong with a schema */
  #prepare(schema: GraphQLSchema): void {
    if (this.#prepared.has(schema)) return;
    const late = Array.from(findMarkedFields(schema).fields.values())
      .filter(({ field }) => wrappedField(field) === undefined)
      .map(
        ({ operation }) =>
          `${operation}: it came into the schema after this plugin, so that its guard may be inside of ` +
          'its resolver, where a replay would skip it. Call applyIdempotency(schema) before guards are ' +
          'added.',
      );
    if (late.length > 0) throw startError(this.#name, late);
    this.#runtime.prepare(schema);
    this.#prepared.add(schema);
  }
}

/** The object of a prototype chain that has a property itself: Fastify's scopes inherit from one another. */
function ownerOf(object: object, name: string): object | undefined {
  let owner: object | null = object;
  while (owner !== null && !Object.hasOwn(owner, name)) {
    owner = Object.getPrototypeOf(owner) as object | null;
  }
  return owner ?? undefined;
}

/** A context value that no other operation has. */
function ownContext(given: unknown): object {
  if (typeof given !== 'object' || given === null) return {};
  if (callOf(given) === undefined) return given;
  const prototype = Object.getPrototypeOf(given) as object | null;
  return Object.assign(Object.create(prototype) as object, given);
}

function callOf(context: object): MercuriusCall | undefined {
  return Object.hasOwn(context, CALL)
    ? (context as { readonly [CALL]?: MercuriusCall })[CALL]
    : undefined;
}

function countOperations({ definitions }: DocumentNode): number {
  return definitions.filter(({ kind }) => kind === Kind.OPERATION_DEFINITION).length;
}
