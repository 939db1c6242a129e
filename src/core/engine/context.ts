import type { Clock } from '../async/clock.js';
import { withTimeout } from '../async/timeout.js';
import type { Cipher } from '../crypto/cipher.js';
import type { Events } from '../events.js';
import type { IdempotencyStore } from '../record/store.js';
import { BackgroundWrites } from './background-writes.js';
import { InFlight } from './in-flight.js';
import { LeaseRenewals } from './attempt/lease.js';
import { StoreTimeouts } from './store-timeouts.js';

/** The parts of an engine. */
export interface EngineOptions {
  readonly store: IdempotencyStore;
  /** The longest time of one call to the store, in milliseconds. */
  readonly storeTimeoutMs: number;
  readonly events: Events;
  readonly randomBytes: (size: number) => Uint8Array;
  /** Encrypts outcomes that transactions keep in the user's database; the store has its own cipher. */
  readonly cipher?: Cipher | undefined;
  /** @defaultValue the process's own clock */
  readonly clock?: Clock | undefined;
}

/** The work that an engine has not finished. */
export interface Unfinished {
  /** Requests without an answer. */
  readonly executions: number;
  /** Writes that the store has not accepted yet. */
  readonly writes: number;
}

/** The state that all parts of an engine share. */
export class EngineContext {
  readonly store: IdempotencyStore;
  readonly storeTimeoutMs: number;
  readonly clock: Clock;
  readonly events: Events;
  readonly timeouts: StoreTimeouts;
  readonly leases: LeaseRenewals;
  readonly writes: BackgroundWrites;
  readonly inFlight = new InFlight();
  readonly randomBytes: (size: number) => Uint8Array;
  /** Encrypts the outcomes that transactions keep in the user's database. */
  readonly cipher: Cipher | undefined;

  constructor(options: EngineOptions, clock: Clock) {
    this.store = options.store;
    this.storeTimeoutMs = options.storeTimeoutMs;
    this.clock = clock;
    this.events = options.events;
    this.randomBytes = options.randomBytes;
    this.cipher = options.cipher;
    this.timeouts = new StoreTimeouts(clock, options.storeTimeoutMs);
    this.leases = new LeaseRenewals(options.store, clock, options.storeTimeoutMs);
    this.writes = new BackgroundWrites(clock, this.timeouts);
  }

  /** Resolves when everything in flight has ended and is stored, or after `timeoutMs`. */
  async drain(timeoutMs: number): Promise<Unfinished> {
    const { inFlight, writes } = this;
    await withTimeout(this.#ended(), timeoutMs, this.clock).catch(() => undefined);
    return { executions: inFlight.count, writes: writes.pending };
  }

  async #ended(): Promise<void> {
    do {
      await this.inFlight.idle();
      await this.writes.settled();
      // During the wait for one kind, more work of the other kind may have come.
    } while (this.inFlight.count > 0 || this.writes.pending > 0);
  }
}
