import type { LapsePolicy, StoredOutcome } from '../core/record.js';
import type { BeginRequest, Claimed } from '../core/store.js';

/** A claimed record, or one that was given up with something to keep. */
export interface InProgress {
  readonly kind: 'inProgress';
  readonly bytes: 0;
  readonly fingerprint: string;
  readonly owner: string;
  /** Who gets the record back if the owner withdraws. */
  readonly displaced: string;
  readonly fence: number;
  readonly attempt: number;
  readonly previous: 'none' | 'lapsed' | 'released';
  readonly firstPolicy: LapsePolicy;
  /** Or how the owner gave it up: for good, or back to an owner that had lapsed. */
  readonly leaseEndsAt: number | 'released' | 'withdrawn';
  readonly expiresAt: number;
}

/** A completed record. */
export interface Ended {
  readonly kind: 'ended';
  readonly bytes: number;
  readonly fingerprint: string;
  readonly owner: string;
  readonly outcome: Omit<StoredOutcome, 'expiresAtMs'>;
  readonly expiresAt: number;
}

/** The record after `request` claimed it; `before` is what it takes over, if anything. */
export function claimedRecord(
  request: BeginRequest,
  before: InProgress | undefined,
  fence: number,
  now: number,
): InProgress {
  const { owner, fingerprint, onLapse, leaseMs, retentionMs } = request;
  const claim = {
    kind: 'inProgress',
    bytes: 0,
    fingerprint,
    owner,
    fence,
    leaseEndsAt: now + leaseMs,
    expiresAt: now + retentionMs,
  } as const;
  if (before === undefined) {
    return { ...claim, displaced: owner, attempt: 1, previous: 'none', firstPolicy: onLapse };
  }
  return {
    ...claim,
    displaced: before.owner,
    attempt: before.attempt + 1,
    previous: before.leaseEndsAt === 'released' ? 'released' : 'lapsed',
    firstPolicy: before.firstPolicy,
  };
}

/** What its owner is told about a claim. No steps: this store has nowhere to record them. */
export function claimed({ fence, attempt, previous }: InProgress): Claimed {
  return { kind: 'claimed', fence, attempt, previous, steps: new Map() };
}
