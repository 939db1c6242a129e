import type { IdempotencyStore } from '../index.js';
import type { RecordStore } from './record-store.js';

/** A store that visitors of the checkout page can take away for a while, or empty, to see what happens. */
export interface StoreSwitch {
  readonly store: IdempotencyStore;
  /** The time for which the store stays away, in milliseconds; 0 when it is there. */
  awayForMs(): number;
  /** Takes it away, for another {@link AWAY_MS_MAX}, or brings it back. */
  set(away: boolean): void;
  /** Empties it. */
  forgetAll(): Promise<void>;
}

/** It comes back by itself after this, in milliseconds: nobody has to remember. */
export const AWAY_MS_MAX = 60_000;

/**
 * Wraps a store so that every question to it can be made to fail, as if its connection were lost.
 * Records stay as they are; closing still closes.
 *
 * @param records - whose `store` may be another one after each `forgetAll`
 * @param now - the time in milliseconds, from any start
 */
export function createStoreSwitch(
  records: Pick<RecordStore, 'store' | 'forgetAll'>,
  now: () => number = () => performance.now(),
): StoreSwitch {
  let backAt = -Infinity;
  const awayForMs = (): number => Math.max(0, backAt - now());
  const ask = async <T>(question: () => Promise<T>): Promise<T> => {
    if (awayForMs() > 0) throw new Error('The store was taken away on the checkout page.');
    return question();
  };
  return {
    store: {
      name: records.store.name,
      begin: (request) => ask(() => records.store.begin(request)),
      peek: (request) => ask(() => records.store.peek(request)),
      complete: (request) => ask(() => records.store.complete(request)),
      renew: (request) => ask(() => records.store.renew(request)),
      step: (request) => ask(() => records.store.step(request)),
      release: (request) => ask(() => records.store.release(request)),
      watch: (recordId, onChange) => ask(() => records.store.watch(recordId, onChange)),
      ping: () => ask(() => records.store.ping()),
      check: (timeoutMs) => ask(() => records.store.check(timeoutMs)),
      close: () => records.store.close(),
    },
    awayForMs,
    set(away) {
      backAt = away ? now() + AWAY_MS_MAX : -Infinity;
    },
    forgetAll: () => records.forgetAll(),
  };
}
