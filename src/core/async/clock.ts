import { performance } from 'node:perf_hooks';

/** The library's source of time and timers, injected so that tests need no sleep. */
export interface Clock {
  /** Milliseconds on a clock that never goes back. Only differences mean anything. */
  now(): number;
  /** Milliseconds since the Unix epoch. */
  wallMs(): number;
  /** Calls `callback` once, at least `delayMs` from now. Returns a function that cancels it. */
  schedule(delayMs: number, callback: () => void): () => void;
}

/** The process's own clock. Its timers do not keep the process alive. */
export const systemClock: Clock = Object.freeze({
  now: () => performance.now(),
  wallMs: () => Date.now(),
  schedule(delayMs: number, callback: () => void) {
    const timer = setTimeout(callback, delayMs);
    timer.unref();
    return () => {
      clearTimeout(timer);
    };
  },
});
