import { systemClock } from '../../src/core/async/clock.js';
import type { Clock } from '../../src/index.js';

/** The process's own clock, which knows how many of its timers are set. */
export interface CountingClock extends Clock {
  readonly pending: number;
}

/** Creates one without timers. */
export function createCountingClock(): CountingClock {
  const timers = new Set<object>();
  return {
    ...systemClock,
    get pending() {
      return timers.size;
    },
    schedule(delayMs, callback) {
      const timer = {};
      timers.add(timer);
      const cancel = systemClock.schedule(delayMs, () => {
        timers.delete(timer);
        callback();
      });
      return () => {
        timers.delete(timer);
        cancel();
      };
    },
  };
}
