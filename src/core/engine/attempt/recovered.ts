import { refusals } from '../../refusals.js';
import type { Attempt } from './attempt.js';
import type { EngineRequest } from '../request.js';

/**
 * Looks up the outcome of earlier attempts before anything runs again.
 *
 * @returns the attempt, with the result that was found
 * @throws IdempotencyError `IDEMPOTENCY_OUTCOME_UNKNOWN` when the outcome is unknown; the attempt has
 * then ended
 */
export async function recovered<TFound extends object>(
  attempt: Attempt<TFound>,
  recover: NonNullable<EngineRequest<TFound>['recover']>,
): Promise<Attempt<TFound>> {
  let reply: TFound | 'RERUN' | 'UNKNOWN' = 'UNKNOWN';
  let cause: unknown;
  try {
    reply = await recover(attempt.info);
  } catch (error) {
    attempt.emit({ type: 'recoverFailed', ...attempt.about, error });
    cause = error;
  }
  if (reply === 'UNKNOWN') throw await attempt.withdraw(() => refusals.outcomeUnknown(cause));
  if (reply !== 'RERUN') attempt.found = reply;
  return attempt;
}
