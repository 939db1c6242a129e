import type { Clock } from '../../core/async/clock.js';

/** A reading that is better than the newest one is preferred to it for this long. */
const PREFERRED_MS = 10_000;

/**
 * An estimate of Redis's clock. Only the local clock that never goes back is compared with it, never
 * the wall clock: application servers may disagree about the time.
 *
 * ```
 *   here   ──┬── sent ──────────────┬── received ──►
 *   Redis    └─────► TIME read ─────┘
 * ```
 *
 * Redis's clock has moved on since it was read, so "read − received" is never too large an offset,
 * and a deadline made from it is never too late.
 */
export interface ServerTime {
  /** Takes note of the time in a reply that has just been received. */
  see(serverNowMs: number): void;
  /** A moment of the local clock, in Redis's clock; the same or a little earlier. */
  at(localMs: number): number;
}

/** Creates a view of Redis's clock. */
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
