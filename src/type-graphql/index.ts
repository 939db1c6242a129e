export { CurrentExecution } from './current-execution.js';
export { Idempotent, type IdempotentOptions } from './idempotent.js';
