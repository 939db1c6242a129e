import type { Events, IdempotencyEvent } from '../events.js';
import type { ExecuteRequest, Failure } from './execute-request.js';
import type { Lease } from './lease.js';
import type { BeginRequest, Claimed, CompleteReply, ReleaseMode } from '../record/store.js';

/** A request that holds its record. */
export interface Holding<T> {
  readonly request: ExecuteRequest<T>;
  readonly begin: BeginRequest;
  readonly claim: Claimed;
  readonly lease: Lease;
  /** When the claim's reply came, in the local clock. */
  readonly claimedAt: number;
}

/** Says why `recover` left the outcome unknown, unless that is what it said. */
export function tellRecoverFailed(
  { listener }: Events,
  { request: { operation, recordId }, claim: { attempt } }: Holding<unknown>,
  error: unknown,
): void {
  if (error !== undefined)
    listener?.({ type: 'recoverFailed', operation, recordId, attempt, error });
}

/** What events say of a failure. */
export function aboutFailure({ request, claim, claimedAt }: Holding<unknown>, now: number) {
  const { operation, recordId } = request;
  return { operation, recordId, attempt: claim.attempt, durationMs: now - claimedAt };
}

/** What is worth telling about how an outcome was taken. */
export function eventOf(
  reply: CompleteReply,
  operation: string,
  recordId: string,
  attempt: number,
): IdempotencyEvent | undefined {
  switch (reply.kind) {
    case 'superseded':
      return { type: 'stale', operation, recordId, attempt };
    case 'unreadable':
      return { type: 'unreadable', operation, recordId, reason: reply.reason };
    case 'stored':
      return reply.recreated ? { type: 'claimLost', operation, recordId, attempt } : undefined;
    default:
      return reply satisfies never;
  }
}

/** Whether a failure ends the record. */
export function isSealed({ policy }: ExecuteRequest<unknown>, { declined }: Failure): boolean {
  // Whatever was thrown, even one of our own errors: an effect may have come before it.
  return policy.onError === 'SEAL' && !declined;
}

/** What is kept of a failed execution. */
export function releaseMode(request: ExecuteRequest<unknown>, { declined }: Failure): ReleaseMode {
  // It had no effect, but an attempt before it may have had one, and is not to be forgotten.
  if (declined) return 'withdraw';
  // With `recover` the next attempt must ask it, so the record has to remember this one.
  return request.recover === undefined ? 'erase' : 'keep';
}
