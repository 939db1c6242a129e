import type { Clock } from '../clock.js';
import type { Events } from '../events.js';
import type { Cipher } from '../crypto/cipher.js';
import type { LeaseKeeper } from './lease.js';
import type { Persistence } from './persistence.js';
import type { IdempotencyStore } from '../record/store.js';

/** What every part of an engine shares. */
export interface EngineContext {
  readonly store: IdempotencyStore;
  readonly storeTimeoutMs: number;
  readonly clock: Clock;
  readonly leases: LeaseKeeper;
  readonly persistence: Persistence;
  readonly events: Events;
  /** Encrypts the outcomes that transactions keep in the user's database. */
  readonly cipher: Cipher | undefined;
}
