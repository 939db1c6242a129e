export { idempotencyExchange } from './idempotency-exchange.js';
export type { IdempotencyClientOptions } from '../core/settings.js';
