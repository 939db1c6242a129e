import type { Occurrences } from '../support/occurrences.js';
import type { Delivery, Subject } from './subject.js';
import { Target } from './target.js';

/** A store as its contract describes it: two records, and one clock for both. */
export class StoreModel {
  readonly targets = [new Target('first'), new Target('second')] as const;
  readonly occurrences: Occurrences;
  readonly #graceMs: number;
  /** Whether requests can be in flight for too long: nothing is ever in flight to a MemoryStore. */
  readonly #keepsDeadlines: boolean;
  /** The store's time. */
  #nowMs = 0;
  /** By how much Redis's clock is ahead of what the store knows of it. */
  #unseenJumpMs = 0;
  #introduced = false;

  constructor(subject: Subject, occurrences: Occurrences) {
    this.occurrences = occurrences;
    this.#graceMs = subject.graceMs;
    this.#keepsDeadlines = subject.redis !== undefined;
  }

  pass(ms: number): void {
    this.#nowMs += ms;
    for (const { record } of this.targets) record.expire(this.#nowMs - this.#graceMs);
  }

  jump(ms: number): void {
    this.#unseenJumpMs += ms;
    this.pass(ms);
  }

  /**
   * Lets a request arrive, as often and as late as it is delivered.
   *
   * @param timeoutMs - 0 for a request without a deadline
   * @param transition - what one arrival does; `late` when its deadline is over
   * @returns what the last arrival is told; `late` when the store refuses it for good
   */
  deliver<T>(
    { delayMs, copies }: Delivery,
    timeoutMs: number,
    transition: (nowMs: number, late: boolean) => T,
  ): T {
    // Before its first deadline a store asks what it may do, and is told the time.
    if (timeoutMs > 0 && !this.#introduced) {
      this.#unseenJumpMs = 0;
      this.#introduced = true;
    }
    const arrive = (afterMs: number): T => {
      const late = this.#keepsDeadlines && afterMs + this.#unseenJumpMs > timeoutMs;
      return transition(this.#nowMs, late);
    };
    if (copies === 2) arrive(0);
    this.pass(delayMs);
    const reply = arrive(delayMs);
    this.#unseenJumpMs = 0;
    // If there is time left, Redis's clock was the reason. It is known now, and the store asks again.
    return reply === 'late' && delayMs < timeoutMs ? arrive(delayMs) : reply;
  }
}
