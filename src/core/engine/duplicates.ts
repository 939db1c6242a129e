import type { StoredOutcome } from '../record/record.js';
import type { PeekReply } from '../record/store.js';
import { refusals } from '../refusals.js';
import type { EngineContext } from './context.js';
import type { EngineRequest, Replayed } from './request.js';
import { waitUntilEnded } from './waiting.js';

/**
 * A record's outcome as the answer to another request.
 *
 * @throws IdempotencyError when the outcome has nothing to replay
 */
export function replayed(outcome: StoredOutcome, waited: boolean, stored = true): Replayed {
  if (outcome.status === 'unavailable') throw refusals.resultUnavailable();
  if (outcome.status === 'failed') throw refusals.sealed();
  return { kind: 'replayed', outcome, waited, stored };
}

/**
 * Waits for a record's owner in another process.
 *
 * @param waitUntil - in the local clock
 * @returns its outcome, or `undefined` if it ended without one
 * @throws IdempotencyError when it is still running at `waitUntil`; the store's error
 */
export async function waitForOutcome(
  context: EngineContext,
  { operation, recordId, fingerprint, policy }: EngineRequest<object>,
  waitUntil: number,
): Promise<StoredOutcome | undefined> {
  const { clock, events } = context;
  const startedAt = clock.now();
  const waitMs = waitUntil - startedAt;
  if (waitMs <= 0) throw refusals.concurrent(policy.leaseMs);
  let reply: PeekReply | undefined;
  try {
    reply = await waitUntilEnded({ recordId, fingerprint }, waitMs, context);
  } catch (error) {
    events.listener?.({ type: 'storeFailure', operation, recordId, error });
    throw error;
  }
  const durationMs = clock.now() - startedAt;
  const ended = reply !== undefined;
  events.listener?.({ type: 'waited', operation, recordId, durationMs, ended });
  if (reply === undefined) throw refusals.concurrent(policy.leaseMs);
  return reply.kind === 'completed' ? reply.outcome : undefined;
}
