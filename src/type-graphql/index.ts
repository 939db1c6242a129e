export { CurrentExecution } from './current-execution.js';
export { Idempotent } from './idempotent.js';
export type { IdempotentOptions } from '../graphql/schema/mark-options.js';
