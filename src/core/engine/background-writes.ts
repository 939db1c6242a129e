import type { Clock } from '../async/clock.js';
import { sleep } from '../async/timeout.js';
import type { StoreTimeouts } from './store-timeouts.js';

/** The longest time for which a failed write is repeated, in milliseconds. */
const REPEAT_MS_MAX = 300_000;
const BACKOFF_MS = { first: 100, most: 5_000 };
/** The largest number of writes in repetition: a store that stays unavailable must not fill memory. */
const WRITES_MAX = 10_000;

/** A failed write that is repeated. It must be safe to send twice. */
export interface RepeatedWrite<T> {
  /** True if a stopping server waits for it. */
  readonly essential: boolean;
  readonly send: () => Promise<T>;
  /** Called when it succeeds. */
  onSuccess?(reply: T): void;
  /** Called when it is given up, with the latest error. */
  onGivenUp?(error: unknown): void;
}

/** Writes that must reach the store even if it is unavailable for a while. */
export class BackgroundWrites {
  readonly #clock: Clock;
  readonly #timeouts: StoreTimeouts;
  readonly #all = new Set<Promise<void>>();
  readonly #essential = new Set<Promise<void>>();
  #isStopped = false;

  constructor(clock: Clock, timeouts: StoreTimeouts) {
    this.#clock = clock;
    this.#timeouts = timeouts;
  }

  /** The number of essential writes that are not in the store yet. */
  get pending(): number {
    return this.#essential.size;
  }

  /** Repeats a write that failed with `error` until it succeeds or is given up. */
  repeat<T>(write: RepeatedWrite<T>, error: unknown): void {
    if (this.#isStopped || this.#all.size >= WRITES_MAX) {
      write.onGivenUp?.(error);
      return;
    }
    const task = this.#repeat(write, error).finally(() => {
      this.#all.delete(task);
      this.#essential.delete(task);
    });
    this.#all.add(task);
    if (write.essential) this.#essential.add(task);
  }

  /** Resolves when no essential write is left. */
  async settled(): Promise<void> {
    while (this.#essential.size > 0) await Promise.all(this.#essential);
  }

  /** Gives up the remaining writes, and every write that fails from now on. */
  stop(): void {
    this.#isStopped = true;
  }

  async #repeat<T>(write: RepeatedWrite<T>, firstError: unknown): Promise<void> {
    const giveUpAt = this.#clock.now() + REPEAT_MS_MAX;
    let error = firstError;
    let backoffMs = BACKOFF_MS.first;
    while (!this.#isStopped && this.#clock.now() < giveUpAt) {
      await sleep(backoffMs, this.#clock);
      backoffMs = Math.min(backoffMs * 2, BACKOFF_MS.most);
      try {
        const reply = await this.#timeouts.limit(write.send);
        write.onSuccess?.(reply);
        return;
      } catch (latest) {
        error = latest;
      }
    }
    write.onGivenUp?.(error);
  }
}
