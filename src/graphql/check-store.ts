import { systemClock } from '../core/async/clock.js';
import { withTimeout } from '../core/async/timeout.js';
import type { Events } from '../core/events.js';
import type { IdempotencyStore, StoreCheck } from '../core/record/store.js';
import { startError } from './schema/wrap-field.js';

/** The longest wait of a starting server for its store, in milliseconds. */
const CHECK_MS_MAX = 5_000;
/** A store that keeps to its time is not cut short by ours. */
const GRACE_MS = 1_000;

/**
 * Looks at how the store is set up before the first request needs it. A store that is away now may
 * come later: the server starts, and refuses marked mutations until then.
 *
 * @param warn - told about each problem
 * @throws Error that lists every problem, if the store refuses them
 */
export async function checkStore(
  store: IdempotencyStore,
  events: Events,
  warn: (problem: string) => void,
): Promise<void> {
  let check: StoreCheck;
  try {
    const asked = store.check(CHECK_MS_MAX);
    check = await withTimeout(asked, CHECK_MS_MAX + GRACE_MS, systemClock);
  } catch (error) {
    events.listener?.({ type: 'storeFailure', error });
    return;
  }
  const { problems, refuses } = check;
  if (refuses) throw startError('idempotencyPlugin', [...problems]);
  for (const problem of problems) {
    events.listener?.({ type: 'storeSetting', problem });
    warn(problem);
  }
}

/** Warns as Node.js does: on stderr, unless the process was told otherwise. */
export function warnOfStore(problem: string): void {
  process.emitWarning(problem, { type: 'IdempotencyWarning', code: 'IDEMPOTENCY_STORE_SETTING' });
}
