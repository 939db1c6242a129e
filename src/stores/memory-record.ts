import {
  NO_STEPS,
  type LapsePolicy,
  type RecordedStep,
  type StoredOutcome,
} from '../core/record/record.js';
import type { BeginRequest, Claimed } from '../core/record/store.js';

/** A claimed record, or one that was given up with something to keep. */
export interface InProgress {
  readonly kind: 'inProgress';
  /** Of the steps' values. */
  readonly bytes: number;
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
  readonly steps: ReadonlyMap<string, RecordedStep>;
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

/** The record, if it is in progress and that is its owner. */
export function ownedBy(
  owner: string,
  record: InProgress | Ended | undefined,
): InProgress | undefined {
  return record?.kind === 'inProgress' && record.owner === owner ? record : undefined;
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
    bytes: before?.bytes ?? 0,
    fingerprint,
    owner,
    fence,
    leaseEndsAt: now + leaseMs,
    expiresAt: now + retentionMs,
    steps: before?.steps ?? NO_STEPS,
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

/** The record with one more step, or with a step that came further. */
export function recordedStep(record: InProgress, name: string, step: RecordedStep): InProgress {
  const steps = new Map(record.steps).set(name, step);
  const replaced = record.steps.get(name)?.payload.byteLength ?? 0;
  return { ...record, steps, bytes: record.bytes - replaced + step.payload.byteLength };
}

/** What its owner is told about a claim. */
export function claimed({ fence, attempt, previous, steps }: InProgress): Claimed {
  if (steps.size === 0) return { kind: 'claimed', fence, attempt, previous, steps: NO_STEPS };
  const copies = new Map<string, RecordedStep>();
  for (const [name, { state, payload }] of steps) {
    copies.set(name, { state, payload: new Uint8Array(payload) });
  }
  return { kind: 'claimed', fence, attempt, previous, steps: copies };
}
