export { CurrentExecution } from './current-execution.js';
export { Idempotent } from './idempotent.js';
