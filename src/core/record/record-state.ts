import { NO_STEPS, type LapsePolicy, type OutcomeStatus, type RecordedStep } from './record.js';
import type { Claimed, Completed, Running } from './store.js';

/** A claimed record, or a released one that must be kept. */
export interface AttemptState {
  readonly kind: 'attempt';
  readonly fingerprint: string;
  readonly owner: string;
  /** The previous owner, which gets the record back if this one withdraws. */
  readonly displaced: string;
  readonly fence: number;
  readonly attempt: number;
  readonly previous: Claimed['previous'];
  /** The first owner's policy for a lapse. */
  readonly firstPolicy: LapsePolicy;
  /** The end of the lease; `released` if it was given up, `withdrawn` if it was given back after a lapse. */
  readonly leaseEndsAtMs: number | 'released' | 'withdrawn';
  readonly leaseMs: number;
  /** True if a request waits for its end. */
  readonly awaited: boolean;
  readonly expiresAtMs: number;
  readonly steps: ReadonlyMap<string, RecordedStep>;
}

/** A completed record. */
export interface OutcomeState {
  readonly kind: 'outcome';
  readonly fingerprint: string;
  readonly owner: string;
  readonly fence: number;
  readonly attempt: number;
  readonly status: OutcomeStatus;
  readonly payload: Uint8Array;
  readonly expiresAtMs: number;
}

/** The state of a readable record. */
export type RecordState = AttemptState | OutcomeState;

/**
 * The transition that a request makes. An unset `next` leaves the record as it is; `null` deletes it.
 */
export interface Transition<TReply> {
  readonly reply: TReply;
  readonly next?: RecordState | null;
}

/** The record, if there is one that has not expired. */
export type Found = RecordState | undefined;

/** The reply to an owner about its claim. */
export function claimed({ fence, attempt, previous, steps }: AttemptState): Claimed {
  return { kind: 'claimed', fence, attempt, previous, steps: copied(steps) };
}

/** A copy with its own bytes, so a caller that changes them does not change the record. */
export function copied(steps: AttemptState['steps']): AttemptState['steps'] {
  if (steps.size === 0) return NO_STEPS;
  const copies = new Map<string, RecordedStep>();
  for (const [name, { state, payload }] of steps) {
    copies.set(name, { state, payload: new Uint8Array(payload) });
  }
  return copies;
}

/** The reply to a requester about an outcome. */
export function completed({
  status,
  payload,
  attempt,
  fence,
  expiresAtMs,
}: OutcomeState): Completed {
  const outcome = { status, payload: new Uint8Array(payload), attempt, fence, expiresAtMs };
  return { kind: 'completed', outcome };
}

/** The reply to a requester about a live lease; `undefined` if there is none. */
export function runningIn(found: AttemptState, nowMs: number): Running | undefined {
  const { attempt, leaseEndsAtMs, leaseMs } = found;
  if (typeof leaseEndsAtMs !== 'number' || leaseEndsAtMs <= nowMs) return undefined;
  const remainingMs = leaseEndsAtMs - nowMs;
  // The store's clock went back: without this, the lease would be longer by the size of the step.
  const leaseRemainingMs = remainingMs > 2 * leaseMs ? leaseMs : remainingMs;
  return { kind: 'running', attempt, leaseRemainingMs };
}

/** The record, if `owner` still holds it. It does even after its lease, until another owner takes over. */
export function heldBy(owner: string, found: Found): AttemptState | undefined {
  if (found?.kind !== 'attempt' || found.owner !== owner) return undefined;
  return found.leaseEndsAtMs === 'released' ? undefined : found;
}
