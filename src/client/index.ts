export type { DueRetry, RetryCause } from './core/attempts.js';
export { Attempts } from './core/attempts.js';
export { IdempotentMutations } from './core/idempotent-mutations.js';
export type { KeyedMutation, MutationRequest } from './core/idempotent-mutations.js';
export type {
  IdempotentField,
  IdempotentFields,
  IdempotentOperation,
  IdempotentOperations,
} from './core/idempotent-operations.js';
export type { ShownAnswer, ShownError } from './intent/ends-intent.js';
export { retryableRefusal } from './core/refusal.js';
export type { Refusal } from './core/refusal.js';
export { idempotencyReports, isReplay } from './core/reports.js';
export type { AnswerLike, IdempotencyReport } from './core/reports.js';
export type { IdempotencyClientOptions, MutationInfo, PlannedRetry } from './core/settings.js';
