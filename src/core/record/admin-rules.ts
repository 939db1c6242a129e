import type {
  ChangeReply,
  ForgetRequest,
  InspectedAttempt,
  Inspection,
  SettleRequest,
} from './record-admin.js';
import {
  completed,
  copied,
  runningIn,
  type AttemptState,
  type Found,
  type OutcomeState,
  type Transition,
} from './record-state.js';
import { ATTEMPTS_MAX } from './record.js';

/** An operator's view of a record. */
export function inspect(found: Found, nowMs: number): Inspection {
  if (found === undefined) return { state: 'absent' };
  if (found.kind === 'outcome') return { state: 'completed', nowMs, ...completed(found).outcome };
  const { attempt, fence, leaseEndsAtMs, leaseMs, firstPolicy, awaited, expiresAtMs } = found;
  const leaseRemainingMs =
    runningIn(found, nowMs)?.leaseRemainingMs ??
    (typeof leaseEndsAtMs === 'number' ? leaseEndsAtMs - nowMs : undefined);
  return {
    state: stateOf(found, nowMs),
    ...{ nowMs, attempt, fence, leaseRemainingMs, leaseMs },
    onLapse: firstPolicy,
    ...{ awaited, expiresAtMs, steps: copied(found.steps) },
  };
}

/** Settles a record for an operator. */
export function settle(
  found: Found,
  { fence, settlement }: SettleRequest,
  nowMs: number,
  nextFence: number,
): Transition<ChangeReply> {
  if (found === undefined) return { reply: 'absent' };
  if (found.kind === 'outcome') return { reply: 'completed' };
  if (runningIn(found, nowMs) !== undefined) return { reply: 'running' };
  if (found.fence !== fence) return { reply: 'changed' };
  if (settlement.kind === 'rerun') {
    if (found.attempt >= ATTEMPTS_MAX) return { reply: 'exhausted' };
    return { reply: 'done', next: { ...found, leaseEndsAtMs: 'released' } };
  }
  const { fingerprint, attempt } = found;
  const { owner, status, payload, ttlMs } = settlement;
  const next: OutcomeState = {
    ...{ kind: 'outcome', fingerprint, owner, attempt, status },
    fence: Math.max(found.fence + 1, nextFence),
    payload: new Uint8Array(payload),
    expiresAtMs: nowMs + ttlMs,
  };
  return { reply: 'done', next };
}

/** Deletes a record for an operator. */
export function forget(
  found: Found,
  request: ForgetRequest,
  nowMs: number,
): Transition<ChangeReply> {
  if (found === undefined) return { reply: 'absent' };
  if (found.fence !== request.fence) return { reply: 'changed' };
  const runs = found.kind === 'attempt' && runningIn(found, nowMs) !== undefined;
  if (runs && !request.alsoRunning) return { reply: 'running' };
  return { reply: 'done', next: null };
}

function stateOf(found: AttemptState, nowMs: number): InspectedAttempt['state'] {
  if (found.leaseEndsAtMs === 'released') return 'released';
  return runningIn(found, nowMs) === undefined ? 'lapsed' : 'running';
}
