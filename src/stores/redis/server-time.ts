import type { Clock } from '../../core/async/clock.js';

/** The time for which a better reading is preferred to the newest one, in milliseconds. */
const PREFERRED_MS = 10_000;

/**
 * An estimate of Redis's clock. It is compared only with the local monotonic clock, never with the wall
 * clock: application servers may disagree about the time.
 *
 * ```
 *   here   ──┬── sent ──────────────┬── received ──►
 *   Redis    └─────► TIME read ─────┘
 * ```
 *
 * Redis's clock has moved on since it was read, so the offset "read − received" is never too large, and
 * a deadline computed from it is never too late.
 */
export interface ServerTime {
  /** Records the time in a reply that has just arrived. */
  see(serverNowMs: number): void;
  /** Converts a time of the local clock to Redis's clock; the result may be a little early. */
  at(localMs: number): number;
}

/** Creates an estimate of Redis's clock. */
export function createServerTime(clock: Clock): ServerTime {
  let offsetMs = -Infinity;
  let seenAt = -Infinity;

  return {
    see(serverNowMs) {
      // A slow reply tells less than a quick one before it, until that one is old: Redis's clock
      // may have been set back since.
      const now = clock.now();
      if (serverNowMs - now < offsetMs && now - seenAt <= PREFERRED_MS) return;
      seenAt = now;
      offsetMs = serverNowMs - now;
    },
    at: (localMs) => localMs + offsetMs,
  };
}
