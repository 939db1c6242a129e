export { IdempotencyLink } from './idempotency-link.js';
export type { IdempotencyClientOptions } from '../core/settings.js';
