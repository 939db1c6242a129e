export { idempotentFetch } from './idempotent-fetch.js';
export { intentConfig } from './intent-config.js';
export type {
  RelayCacheConfig,
  RelayFetchContext,
  RelayFetchFunction,
  RelayObserver,
  RelayRequest,
  RelayResult,
  RelaySubscribable,
  RelaySubscription,
} from './relay-types.js';
export type { IdempotencyClientOptions } from '../core/settings.js';
export type { ShownAnswer, ShownError } from '../intent/ends-intent.js';
