export { withIdempotency } from './with-idempotency.js';
export type { Fetcher } from './with-idempotency.js';
export type { IdempotencyClientOptions } from '../core/settings.js';
