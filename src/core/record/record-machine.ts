import { forget, inspect, settle } from './admin-rules.js';
import {
  claimed,
  completed,
  heldBy,
  runningIn,
  type AttemptState,
  type Found,
  type Transition,
} from './record-state.js';
import { ATTEMPTS_MAX, NO_STEPS } from './record.js';
import type {
  BeginReply,
  BeginRequest,
  CompleteReply,
  CompleteRequest,
  PeekReply,
  PeekRequest,
  ReleaseReply,
  ReleaseRequest,
  RenewReply,
  RenewRequest,
  Running,
  StepReply,
  StepRequest,
} from './store.js';

/** @param nextFence - a fence that no claim of the record has had, if it is larger than the record's */
function begin(
  found: Found,
  request: BeginRequest,
  nowMs: number,
  nextFence: number,
): Transition<BeginReply> {
  if (found === undefined) return claim(undefined, request, nowMs, nextFence);
  if (found.fingerprint !== request.fingerprint) return { reply: { kind: 'mismatch' } };
  if (found.kind === 'outcome') return { reply: completed(found) };
  // The same request was sent again. A claim that was given up meanwhile is not revived.
  if (found.owner === request.owner && typeof found.leaseEndsAtMs === 'number') {
    return { reply: claimed(found) };
  }
  const running = runningIn(found, nowMs);
  if (running !== undefined) return wait(found, request, nowMs, running);
  const mayTakeOver =
    found.leaseEndsAtMs === 'released' ||
    request.onLapse === 'recover' ||
    (request.onLapse === 'rerun' && found.firstPolicy === 'rerun');
  if (mayTakeOver && found.attempt < ATTEMPTS_MAX) return claim(found, request, nowMs, nextFence);
  return { reply: { kind: 'lapsed', attempt: found.attempt } };
}

function claim(
  before: AttemptState | undefined,
  { owner, fingerprint, onLapse, leaseMs, retentionMs }: BeginRequest,
  nowMs: number,
  nextFence: number,
): Transition<BeginReply> {
  const next: AttemptState = {
    kind: 'attempt',
    fingerprint,
    owner,
    displaced: before?.owner ?? owner,
    fence: Math.max((before?.fence ?? 0) + 1, nextFence),
    attempt: (before?.attempt ?? 0) + 1,
    previous:
      before === undefined ? 'none' : before.leaseEndsAtMs === 'released' ? 'released' : 'lapsed',
    firstPolicy: before?.firstPolicy ?? onLapse,
    leaseEndsAtMs: nowMs + leaseMs,
    leaseMs,
    awaited: before?.awaited ?? false,
    expiresAtMs: nowMs + retentionMs,
    steps: before?.steps ?? NO_STEPS,
  };
  return { reply: claimed(next), next };
}

/** Marks that a request waits, and shortens a lease that is too long because the clock went back. */
function wait(
  found: AttemptState,
  { waits }: BeginRequest,
  nowMs: number,
  reply: Running,
): Transition<BeginReply> {
  const leaseEndsAtMs = nowMs + reply.leaseRemainingMs;
  const awaited = found.awaited || waits;
  if (leaseEndsAtMs === found.leaseEndsAtMs && awaited === found.awaited) return { reply };
  return { reply, next: { ...found, awaited, leaseEndsAtMs } };
}

function peek(found: Found, { fingerprint }: PeekRequest, nowMs: number): PeekReply {
  if (found === undefined) return { kind: 'vacant' };
  if (found.fingerprint !== fingerprint) return { kind: 'mismatch' };
  if (found.kind === 'outcome') return completed(found);
  const { attempt, leaseEndsAtMs } = found;
  if (leaseEndsAtMs === 'released' && attempt < ATTEMPTS_MAX) return { kind: 'vacant' };
  return runningIn(found, nowMs) ?? { kind: 'lapsed', attempt };
}

function complete(
  found: Found,
  request: CompleteRequest,
  nowMs: number,
): Transition<CompleteReply> {
  const { fingerprint, owner, fence, attempt, status, payload, ttlMs } = request;
  const same = found?.fingerprint === fingerprint;
  if (found !== undefined && (found.owner !== owner || (found.kind === 'attempt' && !same))) {
    const outcome = found.kind === 'outcome' && same ? completed(found).outcome : undefined;
    return { reply: { kind: 'superseded', outcome } };
  }
  if (found?.kind === 'outcome') {
    return { reply: { kind: 'stored', expiresAtMs: found.expiresAtMs, recreated: false } };
  }
  const expiresAtMs = nowMs + ttlMs;
  const kept = new Uint8Array(payload);
  return {
    reply: { kind: 'stored', expiresAtMs, recreated: found === undefined },
    next: {
      ...{ kind: 'outcome', fingerprint, owner, fence, attempt, status },
      payload: kept,
      expiresAtMs,
    },
  };
}

function renew(found: Found, request: RenewRequest, nowMs: number): Transition<RenewReply> {
  const { owner, leaseMs, retentionMs } = request;
  const held = heldBy(owner, found);
  if (held === undefined) return { reply: 'lost' };
  // Never earlier: the record may have been claimed with a longer retention.
  const expiresAtMs = Math.max(held.expiresAtMs, nowMs + retentionMs);
  const next = { ...held, leaseEndsAtMs: nowMs + leaseMs, leaseMs, expiresAtMs };
  return { reply: 'renewed', next };
}

function step(found: Found, request: StepRequest, nowMs: number): Transition<StepReply> {
  const { owner, name, state, payload, leaseMs } = request;
  const held = heldBy(owner, found);
  if (held === undefined) return { reply: 'lost' };
  const steps = new Map(held.steps).set(name, { state, payload: new Uint8Array(payload) });
  return { reply: 'recorded', next: { ...held, steps, leaseEndsAtMs: nowMs + leaseMs, leaseMs } };
}

function release(found: Found, { owner, mode }: ReleaseRequest): Transition<ReleaseReply> {
  if (found?.kind !== 'attempt' || found.owner !== owner) return { reply: 'lost' };
  const reply = 'released';
  // The claim was already given up: the same request was sent again.
  if (typeof found.leaseEndsAtMs !== 'number') return { reply };
  if (mode === 'withdraw' && found.attempt > 1) {
    const leaseEndsAtMs = found.previous === 'released' ? 'released' : 'withdrawn';
    const attempt = found.attempt - 1;
    return { reply, next: { ...found, owner: found.displaced, attempt, leaseEndsAtMs } };
  }
  if (mode === 'keep' || found.steps.size > 0) {
    return { reply, next: { ...found, leaseEndsAtMs: 'released' } };
  }
  return { reply, next: null };
}

/**
 * The rules of a record, for stores that can lock one: the store locks and reads the record, calls a
 * function, and writes the next record that it returns. Each function is pure. Its arguments are the
 * record, the request, and the time in milliseconds, from one clock.
 *
 * ```
 *           begin                complete(owner)
 * absent ───────────► attempt ──────────────────► outcome ──(ttlMs)──► absent
 *    ▲                 │  ▲   lease over: `rerun` and `recover` take over, with a larger fence
 *    └──── release ────┘  └── begin, after a release that kept something
 * ```
 *
 * A store must not claim a record after the deadline of the request: it knows how long the request was
 * in flight, and discards a late transition whose `next` is a claim of the request's owner.
 */
export const recordMachine = Object.freeze({
  /** Claims the record, or reports its state. */
  begin,
  /** Reports the record's state. */
  peek,
  /** Ends the execution with its outcome. */
  complete,
  /** Renews the lease. */
  renew,
  /** Records a step. */
  step,
  /** Gives the claim up. */
  release,
  /** Reports everything in the record, for an operator. */
  inspect,
  /** Ends an execution whose owner died, for an operator. */
  settle,
  /** Erases the record, for an operator. */
  forget,
});
