import { createParameterDecorator } from 'type-graphql';
import { idempotencyOf } from '../graphql/schema/registry.js';

/**
 * Gives a resolver method the idempotent execution it runs in, as `idempotencyOf(info)` does:
 * `@CurrentExecution() execution: Execution | undefined`.
 */
export function CurrentExecution(): ReturnType<typeof createParameterDecorator> {
  return createParameterDecorator(({ info }) => idempotencyOf(info));
}
