export { IdempotencyLink } from './idempotency-link.js';
export type {
  IdempotentField,
  IdempotentFields,
  IdempotentOperations,
} from './idempotent-operations.js';
export type { IdempotencyLinkOptions, RefusalRetry } from './link-options.js';
export { idempotencyReports, isReplay } from './reports.js';
export type { AnswerLike, IdempotencyReport } from './reports.js';
