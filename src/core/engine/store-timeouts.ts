import type { Clock } from '../async/clock.js';
import { TimeoutError } from '../async/timeout.js';

interface Pending {
  readonly dueAt: number;
  readonly reject: (error: Error) => void;
}

/**
 * The timeout of all calls to a store. It is the same for all of them, so they time out in the order in
 * which they began, and one timer serves them all.
 *
 * Invariant: while a call is pending, the timer is set to fire no later than the oldest call is due.
 */
export class StoreTimeouts {
  readonly #clock: Clock;
  readonly #timeoutMs: number;
  readonly #pending = new Set<Pending>();
  #isTimerSet = false;

  constructor(clock: Clock, timeoutMs: number) {
    this.#clock = clock;
    this.#timeoutMs = timeoutMs;
  }

  /**
   * Calls the store. Rejects with its error, thrown or not, or with a {@link TimeoutError}: the call is
   * not cancelled, and a reply that comes later is ignored.
   */
  limit<T>(call: () => Promise<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      const asked = call();
      const pending = { dueAt: this.#clock.now() + this.#timeoutMs, reject };
      this.#pending.add(pending);
      // It stays set when the call ends: most calls end long before, and a new timer costs more.
      if (!this.#isTimerSet) this.#setTimer(this.#timeoutMs);
      asked.then(
        (reply) => {
          this.#pending.delete(pending);
          resolve(reply);
        },
        (error: unknown) => {
          if (!this.#pending.delete(pending)) return;
          reject(error instanceof Error ? error : new Error(String(error)));
        },
      );
    });
  }

  #setTimer(delayMs: number): void {
    this.#isTimerSet = true;
    this.#clock.schedule(delayMs, () => {
      // When the process has stood still, timers run before the replies that have arrived meanwhile:
      // one more turn of the event loop lets these be read.
      this.#clock.schedule(0, () => {
        this.#isTimerSet = false;
        this.#expire();
      });
    });
  }

  #expire(): void {
    const now = this.#clock.now();
    for (const pending of this.#pending) {
      if (pending.dueAt > now) {
        this.#setTimer(pending.dueAt - now);
        return;
      }
      this.#pending.delete(pending);
      pending.reject(new TimeoutError(`The store did not answer within ${this.#timeoutMs} ms.`));
    }
  }
}
