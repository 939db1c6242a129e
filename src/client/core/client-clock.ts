import type { Clock } from '../../core/async/clock.js';

/** The clock of a browser, or of any other runtime: it keeps a process alive while a retry waits. */
export const clientClock: Clock = Object.freeze({
  now: () => performance.now(),
  wallMs: () => Date.now(),
  schedule(delayMs: number, callback: () => void) {
    const timer = setTimeout(callback, delayMs);
    return () => {
      clearTimeout(timer);
    };
  },
});
