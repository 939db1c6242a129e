import type { GraphQLResolveInfo } from 'graphql';
import type { Execution } from '../../core/engine/attempt/execution.js';
import type { Recover } from '../../core/options/options.js';

/** The part of the plugin that answers the marked fields of one operation. */
export interface OperationRuntime {
  /** Runs the whole chain of a field, from outside of everything. */
  around(info: GraphQLResolveInfo, call: () => unknown): Promise<unknown>;
  /**
   * Answers a field from its record, or by calling its resolver.
   *
   * @param door - the wrapper that asks
   */
  enter(door: object, call: DoorCall): Promise<unknown>;
}

/** The call of a marked field's resolver. */
export interface DoorCall {
  readonly info: GraphQLResolveInfo;
  readonly args: Readonly<Record<string, unknown>>;
  readonly context: object;
  /** Calls the resolver. */
  readonly next: () => unknown;
  /** The meaning of an error that came out of `next` and is not a GraphQLError. */
  readonly meaningOf?: ((error: unknown) => ErrorMeaning | undefined) | undefined;
}

/** The extension with which a field says that its resolver already asks for the record. */
export const WRAPPED_EXTENSION = 'graphqlIdempotency';

/**
 * The meaning of a framework's own error: it is an answer, or the request was turned down before it had
 * an effect. Any other is a failure.
 */
export type ErrorMeaning = 'answer' | 'declined';

/** The facts about a field whose resolver already asks for the record. */
export interface WrappedField {
  /** The mark's arguments, where the door is the mark. */
  readonly policy?: Readonly<Record<string, unknown>> | undefined;
  /** The `recover` function that came with the mark. */
  readonly recover?: Recover<never> | undefined;
  /** The resolver that asks, if it stands in the schema by itself. */
  readonly door?: object;
  /** There was no resolver when the door was made. */
  readonly isAroundNothing?: boolean;
}

/** Classes that results may be instances of and that replays restore. */
export interface ResultClasses {
  /** The name of the class that `prototype` belongs to, if its instances can be restored. */
  nameOf(prototype: object): string | undefined;
  /** The prototype of the named class; `undefined` if the class is not registered. */
  prototypeOf(name: string): object | undefined;
}

/** The holder of an execution, which is made on demand. */
export interface ExecutionHolder {
  readonly execution: Execution;
}

/**
 * State that every copy of the package in a process shares: CommonJS and ES modules may each have
 * loaded one, and a decorator of one copy must find the plugin of the other.
 */
interface Registry {
  /** By resolver: whoever builds another schema from resolvers keeps them and nothing else. */
  readonly wrapped: WeakMap<object, WrappedField>;
  /** Outermost wrappers of fields. */
  readonly outermost: WeakSet<object>;
  /** Schemas whose fields were wrapped for a server. */
  readonly served: WeakSet<object>;
  /** Executions by the `info` of their resolvers, where that cannot carry them. */
  readonly executions: WeakMap<object, ExecutionHolder>;
  readonly classes: Set<ResultClasses>;
}

const REGISTRY = Symbol.for('graphql-idempotency.registry.4');

/** The process's registry. */
export const registry: Registry = sharedRegistry();

function sharedRegistry(): Registry {
  const holder: { [REGISTRY]?: Registry | undefined } = globalThis as object;
  return (holder[REGISTRY] ??= {
    wrapped: new WeakMap(),
    outermost: new WeakSet(),
    served: new WeakSet(),
    executions: new WeakMap(),
    classes: new Set(),
  });
}

/**
 * The symbol under which a request's own objects carry their operation. A WeakMap would keep its
 * values, and with them everything that the request has made, through every minor garbage collection:
 * measured, that doubled the CPU time of a request.
 */
const OPERATION = Symbol.for('graphql-idempotency.operation.3');
const EXECUTION = Symbol.for('graphql-idempotency.execution.2');

/** Attaches what runs the marked fields of an operation to its context value. */
export function attachOperation(context: object, operation: OperationRuntime): void {
  Object.defineProperty(context, OPERATION, { value: operation, configurable: true });
}

/**
 * Attaches the same to the `info` of a field: a middleware may pass on a copy of the context value, and
 * a copy has no hidden properties.
 */
export function attachToField(info: GraphQLResolveInfo, operation: OperationRuntime): void {
  if (!Object.isExtensible(info)) return;
  (info as { [OPERATION]?: OperationRuntime })[OPERATION] = operation;
}

/** The runtime that was attached to a context value or an `info`. */
export function operationOf(carrier: unknown): OperationRuntime | undefined {
  if (typeof carrier !== 'object' || carrier === null) return undefined;
  return (carrier as { readonly [OPERATION]?: OperationRuntime })[OPERATION];
}

/**
 * Attaches the execution of a resolver to what it is called with. As an enumerable property it is
 * part of copies as well.
 */
export function attachExecution(info: GraphQLResolveInfo, holder: ExecutionHolder): void {
  if (Object.isExtensible(info)) {
    (info as { [EXECUTION]?: ExecutionHolder })[EXECUTION] = holder;
  } else {
    registry.executions.set(info, holder);
  }
}

/**
 * The idempotent execution that a resolver runs in.
 *
 * @param info - the resolver's fourth argument
 * @returns `undefined` outside of one: the field is not marked, or the request carried no key and
 * the mutation does not require one
 */
export function idempotencyOf(info: GraphQLResolveInfo): Execution | undefined {
  const { [EXECUTION]: holder } = info as { readonly [EXECUTION]?: ExecutionHolder };
  return (holder ?? registry.executions.get(info))?.execution;
}
