import type { Clock } from '../../core/async/clock.js';

const BACKOFF_MS = { first: 1_000, most: 60_000 } as const;

/** The time until the next attempt: one second, doubled by each failure, and a minute at most. */
export class RetryTimer {
  readonly #clock: Clock;
  readonly #act: () => void;
  #failures = 0;
  #cancel = (): void => undefined;

  constructor(clock: Clock, act: () => void) {
    this.#clock = clock;
    this.#act = act;
  }

  /** Notes that an attempt has failed. */
  failed(): void {
    this.#failures += 1;
  }

  /** Notes that nothing is left to be tried. */
  succeeded(): void {
    this.#failures = 0;
  }

  /** Sets the timer, in place of one that is set. */
  set(): void {
    this.cancel();
    const afterMs = Math.min(BACKOFF_MS.first * 2 ** this.#failures, BACKOFF_MS.most);
    this.#cancel = this.#clock.schedule(afterMs, this.#act);
  }

  cancel(): void {
    this.#cancel();
  }
}
