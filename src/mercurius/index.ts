export { mercuriusIdempotency } from './mercurius-idempotency.js';
export type { MercuriusApp } from './mercurius-idempotency.js';
