import type { IdempotencyPolicyOptions } from '../../core/options/options.js';
import type { WrappedField } from '../../graphql/schema/registry.js';

/** The options of `@Idempotent()` on a resolver method. */
export interface MethodMark {
  readonly policy: IdempotencyPolicyOptions;
  /** The door in front of the method. */
  readonly door: WrappedField;
}

const MARK = 'graphql-idempotency:mark';

/** Marks a method. */
export function markMethod(method: object, mark: MethodMark): void {
  Reflect.defineMetadata(MARK, mark, method);
}

/** The mark of a method. */
export function markOfMethod(method: object): MethodMark | undefined {
  return Reflect.getMetadata(MARK, method) as MethodMark | undefined;
}
