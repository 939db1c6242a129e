import type { Clock } from '../clock.js';
import type { Cipher } from '../crypto/cipher.js';
import type { Events } from '../events.js';
import type { IdempotencyStore } from '../record/store.js';
import type { BackgroundWrites } from './background-writes.js';
import type { LeaseKeeper } from './lease.js';
import type { StoreTimeouts } from './store-timeouts.js';

/** What every part of an engine shares. */
export interface EngineContext {
  readonly store: IdempotencyStore;
  readonly storeTimeoutMs: number;
  readonly clock: Clock;
  readonly events: Events;
  readonly timeouts: StoreTimeouts;
  readonly leases: LeaseKeeper;
  readonly writes: BackgroundWrites;
  /** Encrypts the outcomes that transactions keep in the user's database. */
  readonly cipher: Cipher | undefined;
}
