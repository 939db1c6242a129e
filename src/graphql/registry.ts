import type { GraphQLResolveInfo } from 'graphql';
import type { Execution } from '../core/engine/execution.js';
import type { Recover } from '../core/options.js';

/** What runs a marked field, prepared by the plugin for one operation. */
export interface OperationRuntime {
  /** Answers the field from its record, or by calling `next`. */
  resolve(
    info: GraphQLResolveInfo,
    args: Readonly<Record<string, unknown>>,
    context: object,
    next: () => unknown,
  ): Promise<unknown>;
}

/** What is known of a field whose resolver already asks for the record. */
export interface WrappedField {
  /** The `recover` function that came with the mark. */
  readonly recover?: Recover<never> | undefined;
}

/** Classes that results may be instances of and that replays restore. */
export interface ResultClasses {
  /**
   * The name of the class that `prototype` belongs to; `null` if it is one of these, but cannot be
   * restored; `undefined` if it is none of these.
   */
  nameOf(prototype: object): string | null | undefined;
  /** An instance of the named class, without data; `undefined` if the class is not registered. */
  create(name: string): object | undefined;
}

/**
 * State that every copy of the package in a process shares: CommonJS and ES modules may each have
 * loaded one, and a decorator of one copy must find the plugin of the other.
 */
interface Registry {
  /** By resolver: whoever builds another schema from resolvers keeps them and nothing else. */
  readonly wrapped: WeakMap<object, WrappedField>;
  /** Concrete type names of replayed objects at abstract positions. */
  readonly typeNames: WeakMap<object, string>;
  readonly classes: Set<ResultClasses>;
}

const REGISTRY = Symbol.for('graphql-idempotency.registry.1');

/** The process's registry. */
export const registry: Registry = sharedRegistry();

function sharedRegistry(): Registry {
  const holder: { [REGISTRY]?: Registry | undefined } = globalThis as object;
  return (holder[REGISTRY] ??= {
    wrapped: new WeakMap(),
    typeNames: new WeakMap(),
    classes: new Set(),
  });
}

/**
 * Where a request's own objects carry what belongs to them. A WeakMap would keep its values, and
 * with them everything that the request has made, through every minor garbage collection: measured,
 * that doubled the CPU time of a request.
 */
const OPERATION = Symbol.for('graphql-idempotency.operation.1');
const EXECUTION = Symbol.for('graphql-idempotency.execution.1');

/** Attaches what runs the marked fields of an operation to its context value. */
export function attachOperation(context: object, operation: OperationRuntime): void {
  Object.defineProperty(context, OPERATION, { value: operation, configurable: true });
}

/** What {@link attachOperation} attached. */
export function operationOf(context: unknown): OperationRuntime | undefined {
  if (typeof context !== 'object' || context === null) return undefined;
  return (context as { readonly [OPERATION]?: OperationRuntime })[OPERATION];
}

/** Attaches the execution of a resolver to what it is called with. */
export function attachExecution(info: GraphQLResolveInfo, execution: Execution): void {
  Object.defineProperty(info, EXECUTION, { value: execution, configurable: true });
}

/**
 * The idempotent execution that a resolver runs in.
 *
 * @param info - the resolver's fourth argument
 * @returns `undefined` outside of one: the field is not marked, or the request carried no key and
 * the mutation does not require one
 */
export function idempotencyOf(info: GraphQLResolveInfo): Execution | undefined {
  return (info as { readonly [EXECUTION]?: Execution })[EXECUTION];
}
