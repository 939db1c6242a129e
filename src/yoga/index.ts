export { useIdempotency } from './use-idempotency.js';
export type {
  EnvelopExecution,
  EnvelopIdempotencyOptions,
  IdempotencyEnvelopPlugin,
} from './use-idempotency.js';
