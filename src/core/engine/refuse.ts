import type { IdempotencyError } from '../errors.js';
import type { Events } from '../events.js';
import type { Claimed } from '../record/store.js';
import type { ExecuteRequest } from './execute-request.js';
import type { Flight } from './waiting.js';

type AboutRequest = Pick<ExecuteRequest<unknown>, 'operation' | 'recordId'>;

/**
 * Refuses a request for what the store said, and everyone who joined it: it would say the same to each
 * of them.
 */
export function refuse(
  events: Events,
  request: AboutRequest,
  flight: Flight,
  refusal: () => IdempotencyError,
): IdempotencyError {
  flight.land({ kind: 'refused', refusal });
  return told(events, request, refusal());
}

/** Tells of a refusal that is worth an event of its own. */
export function told(
  { listener }: Events,
  { operation, recordId }: AboutRequest,
  refusal: IdempotencyError,
): IdempotencyError {
  const isMismatch = refusal.code === 'IDEMPOTENCY_KEY_PARAMETER_MISMATCH';
  if (isMismatch) listener?.({ type: 'mismatch', operation, recordId });
  return refusal;
}

/** Tells of a claim. */
export function tellClaimed(
  { listener }: Events,
  { operation, recordId }: AboutRequest,
  { attempt, previous }: Claimed,
  durationMs: number,
): void {
  listener?.({ type: 'claimed', operation, recordId, attempt, previous, durationMs });
  if (previous === 'lapsed') listener?.({ type: 'takeover', operation, recordId, attempt });
}
