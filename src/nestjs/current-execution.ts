import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import type { GraphQLResolveInfo } from 'graphql';
import { idempotencyOf } from '../graphql/schema/registry.js';

const executionParameter = createParamDecorator((_data: unknown, context: ExecutionContext) =>
  idempotencyOf(context.getArgByIndex<GraphQLResolveInfo>(3)),
);

/**
 * Gives a resolver method the idempotent execution it runs in, as `idempotencyOf(info)` does:
 * `@CurrentExecution() execution: Execution | undefined`.
 */
export function CurrentExecution(): ParameterDecorator {
  return executionParameter();
}
