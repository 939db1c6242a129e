import { systemClock } from '../../src/core/async/clock.js';
import type { Clock } from '../../src/index.js';

interface Timer {
  readonly dueAt: number;
  readonly fire: () => void;
}

/** The process's own clock, with time that can be skipped. */
export class SkippingClock implements Clock {
  readonly #timers = new Set<Timer>();
  #skippedMs = 0;

  now(): number {
    return systemClock.now() + this.#skippedMs;
  }

  wallMs(): number {
    return systemClock.wallMs() + this.#skippedMs;
  }

  schedule(delayMs: number, callback: () => void): () => void {
    const timer = { dueAt: this.now() + delayMs, fire };
    const timers = this.#timers;
    const cancel = systemClock.schedule(delayMs, fire);
    timers.add(timer);
    function fire(): void {
      if (!timers.delete(timer)) return;
      cancel();
      callback();
    }
    return () => {
      timers.delete(timer);
      cancel();
    };
  }

  /** Moves time on and runs the timers that fall due, in their order. */
  skip(ms: number): void {
    this.#skippedMs += ms;
    const due = [...this.#timers].filter(({ dueAt }) => dueAt <= this.now());
    due.sort((a, b) => a.dueAt - b.dueAt);
    for (const { fire } of due) fire();
  }

  /** Runs every timer that is set. Returns how many have been set since then. */
  runOut(): number {
    this.skip(Math.max(0, ...[...this.#timers].map(({ dueAt }) => dueAt - this.now())));
    return this.#timers.size;
  }
}
