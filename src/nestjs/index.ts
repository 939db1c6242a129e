export type { IdempotentOptions } from '../graphql/schema/mark-options.js';
export { CurrentExecution } from './current-execution.js';
export { IdempotencyModule } from './idempotency-module.js';
export { Idempotent } from './idempotent.js';
export type { IdempotencyModuleAsyncOptions, IdempotencyModuleOptions } from './module-options.js';
