import type {
  BeginRequest,
  Claimed,
  LapsePolicy,
  OutcomeStatus,
  RecordedStep,
  StepState,
} from 'graphql-idempotency';

/** A claimed record, or one that was given up with something to keep. */
export interface Open {
  readonly kind: 'open';
  readonly fingerprint: string;
  readonly owner: string;
  /** Who gets the record back if the owner withdraws. */
  readonly displaced: string;
  readonly fence: number;
  readonly attempt: number;
  readonly previous: Claimed['previous'];
  /** What the first owner wanted to be done if it died. */
  readonly policy: LapsePolicy;
  /** In milliseconds; or how it was given up: for good, or back to an owner that had lapsed. */
  readonly leaseEndsAt: number | 'released' | 'withdrawn';
  /** Name, state and value of each step; the value in base64. */
  readonly steps: readonly (readonly [name: string, state: StepState, value: string])[];
}

/** A completed record. Its payload stands in a column of its own. */
export interface Ended {
  readonly kind: 'ended';
  readonly fingerprint: string;
  readonly owner: string;
  readonly fence: number;
  readonly attempt: number;
  readonly status: OutcomeStatus;
}

/** The record after `request` claimed it; `before` is what it takes over, if anything. */
export function claim(request: BeginRequest, before: Open | undefined, nowMs: number): Open {
  const { owner, fingerprint, onLapse, leaseMs } = request;
  const nowMicros = Math.floor((performance.timeOrigin + performance.now()) * 1_000);
  return {
    kind: 'open',
    fingerprint,
    owner,
    displaced: before?.owner ?? owner,
    // Grows with every claim, also for a record that was erased in between.
    fence: Math.max((before?.fence ?? 0) + 1, nowMicros),
    attempt: (before?.attempt ?? 0) + 1,
    previous:
      before === undefined ? 'none' : before.leaseEndsAt === 'released' ? 'released' : 'lapsed',
    policy: before?.policy ?? onLapse,
    leaseEndsAt: nowMs + leaseMs,
    steps: before?.steps ?? [],
  };
}

/** What an owner is told about its claim. */
export function claimed({ fence, attempt, previous, steps }: Open): Claimed {
  const recorded = steps.map(([name, state, value]): [string, RecordedStep] => [
    name,
    { state, payload: Buffer.from(value, 'base64') },
  ]);
  return { kind: 'claimed', fence, attempt, previous, steps: new Map(recorded) };
}
