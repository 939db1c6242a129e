import type { LapsePolicy, OutcomeStatus, StepState } from '../../src/core/record/record.js';
import type {
  BeginRequest,
  CompleteRequest,
  ReleaseMode,
  RenewRequest,
  StepRequest,
} from '../../src/index.js';

/** An outcome, with its bytes in hexadecimal; `fence` and times as the model has them. */
export interface ModelOutcome {
  readonly status: OutcomeStatus;
  readonly payload: string;
  readonly attempt: number;
  readonly fence: number;
  readonly expiresAtMs: number;
}

/** Steps by name: the state, then the value's bytes in hexadecimal. */
export type ModelSteps = ReadonlyMap<string, string>;

interface Absent {
  readonly kind: 'absent';
}

interface InProgress {
  readonly kind: 'in progress';
  readonly fingerprint: string;
  readonly owner: string;
  /** Who had the record before the last claim, and gets it back if that one withdraws. */
  readonly displaced: string;
  /** Undefined while nobody has been told: the store chooses it. */
  readonly fence: number | undefined;
  readonly attempt: number;
  readonly previous: 'none' | 'lapsed' | 'released';
  readonly firstPolicy: LapsePolicy;
  readonly lease: number | 'released' | 'withdrawn';
  readonly expiresAtMs: number;
  readonly steps: ModelSteps;
  /** Whether somebody said that it would wait. */
  readonly awaited: boolean;
}

interface Ended {
  readonly kind: 'completed';
  readonly fingerprint: string;
  readonly owner: string;
  readonly outcome: ModelOutcome;
  readonly expiresAtMs: number;
}

/** Somebody else's bytes in the place of the record. */
interface Damaged {
  readonly kind: 'damaged';
  readonly expiresAtMs: number;
}

type State = Absent | InProgress | Ended | Damaged;

/** What the model expects in the place of a claim. */
export interface ExpectedClaim {
  readonly kind: 'claimed';
  /** Undefined: any that is larger than all before it. */
  readonly fence: number | undefined;
  readonly attempt: number;
  readonly previous: 'none' | 'lapsed' | 'released';
  readonly steps: ModelSteps;
}

/** What the model expects of a look at the record. */
export type ExpectedFound =
  | { readonly kind: 'vacant' | 'mismatch' | 'unreadable' }
  | { readonly kind: 'running'; readonly attempt: number; readonly leaseRemainingMs: number }
  | { readonly kind: 'lapsed'; readonly attempt: number }
  | { readonly kind: 'completed'; readonly outcome: ModelOutcome };

/** What the model expects of `complete`. */
export type ExpectedCompletion =
  | { readonly kind: 'stored'; readonly expiresAtMs: number; readonly recreated: boolean }
  | { readonly kind: 'superseded'; readonly outcome: ModelOutcome | undefined }
  | { readonly kind: 'unreadable' };

const ABSENT: Absent = { kind: 'absent' };

/**
 * A record as `src/core/record/store.ts` describes it: what each request makes of it, and the reply. The
 * time is the store's, in milliseconds since the sequence began.
 */
export class RecordModel {
  state: State = ABSENT;
  /** The largest fence that any claim of the record was told. */
  fenceMax = 0;
  /** How often a claim ended, and how often somebody had said that it would wait for that. */
  readonly ends = { all: 0, awaited: 0 };

  /** Forgets the record if it has expired. */
  expire(nowMs: number): void {
    if (this.state.kind !== 'absent' && this.state.expiresAtMs <= nowMs) this.state = ABSENT;
  }

  /** The store has lost the record. */
  lose(): void {
    this.state = ABSENT;
  }

  /** Somebody else has written in its place; its expiry, if it had one, stays. */
  damage(): void {
    const expiresAtMs = this.state.kind === 'absent' ? Infinity : this.state.expiresAtMs;
    this.state = { kind: 'damaged', expiresAtMs };
  }

  /** What a requester with this fingerprint sees. */
  look(fingerprint: string, nowMs: number): ExpectedFound {
    const { state } = this;
    if (state.kind === 'absent') return { kind: 'vacant' };
    if (state.kind === 'damaged') return { kind: 'unreadable' };
    if (state.fingerprint !== fingerprint) return { kind: 'mismatch' };
    if (state.kind === 'completed') return { kind: 'completed', outcome: state.outcome };
    const { attempt, lease } = state;
    if (lease === 'released') return { kind: 'vacant' };
    if (lease === 'withdrawn' || lease <= nowMs) return { kind: 'lapsed', attempt };
    return { kind: 'running', attempt, leaseRemainingMs: lease - nowMs };
  }

  /** `late`: the deadline is over, so that nothing may be claimed any more. */
  begin(
    request: BeginRequest,
    nowMs: number,
    late: boolean,
  ): ExpectedClaim | ExpectedFound | 'late' {
    const { fingerprint, owner, onLapse } = request;
    const found = this.look(fingerprint, nowMs);
    const before = this.state;
    if (before.kind !== 'in progress') {
      if (before.kind !== 'absent') return found;
      return late ? 'late' : this.claim(request, nowMs, undefined);
    }
    if (found.kind === 'mismatch') return found;
    if (before.owner === owner && typeof before.lease === 'number') return told(before);
    if (found.kind === 'running') {
      this.state = { ...before, awaited: before.awaited || request.waits };
      return found;
    }
    const bothRerun = onLapse === 'rerun' && before.firstPolicy === 'rerun';
    const mayTakeOver = found.kind === 'vacant' || onLapse === 'recover' || bothRerun;
    if (!mayTakeOver) return found;
    return late ? 'late' : this.claim(request, nowMs, before);
  }

  /** The claim that `begin` makes of it. Its fence is learnt with {@link learnFence}. */
  private claim(
    request: BeginRequest,
    nowMs: number,
    before: InProgress | undefined,
  ): ExpectedClaim {
    const { fingerprint, owner, onLapse, leaseMs, retentionMs } = request;
    const claim: InProgress = {
      kind: 'in progress',
      fingerprint,
      owner,
      displaced: before?.owner ?? owner,
      fence: undefined,
      attempt: (before?.attempt ?? 0) + 1,
      previous: before === undefined ? 'none' : before.lease === 'released' ? 'released' : 'lapsed',
      firstPolicy: before?.firstPolicy ?? onLapse,
      lease: nowMs + leaseMs,
      expiresAtMs: nowMs + retentionMs,
      steps: before?.steps ?? new Map<string, string>(),
      awaited: before?.awaited ?? false,
    };
    this.state = claim;
    return told(claim);
  }

  /** The store told the owner which fence it has. */
  learnFence(fence: number): void {
    if (this.state.kind === 'in progress') this.state = { ...this.state, fence };
    this.fenceMax = Math.max(this.fenceMax, fence);
  }

  complete(request: CompleteRequest, nowMs: number): ExpectedCompletion {
    const { state } = this;
    const { fingerprint, owner, fence, attempt, status, ttlMs } = request;
    if (state.kind === 'damaged') return { kind: 'unreadable' };
    if (state.kind === 'completed') {
      if (state.owner === owner) {
        return { kind: 'stored', expiresAtMs: state.expiresAtMs, recreated: false };
      }
      const theirs = state.fingerprint === fingerprint ? state.outcome : undefined;
      return { kind: 'superseded', outcome: theirs };
    }
    const foreign =
      state.kind === 'in progress' && (state.owner !== owner || state.fingerprint !== fingerprint);
    if (foreign) return { kind: 'superseded', outcome: undefined };
    const expiresAtMs = nowMs + ttlMs;
    const payload = Buffer.from(request.payload).toString('hex');
    const outcome = { status, payload, attempt, fence, expiresAtMs };
    this.end({ kind: 'completed', fingerprint, owner, outcome, expiresAtMs });
    return { kind: 'stored', expiresAtMs, recreated: state.kind === 'absent' };
  }

  renew({ owner, leaseMs, retentionMs }: RenewRequest, nowMs: number): 'renewed' | 'lost' {
    const mine = this.heldBy(owner);
    if (mine === undefined) return 'lost';
    const expiresAtMs = Math.max(mine.expiresAtMs, nowMs + retentionMs);
    this.state = { ...mine, lease: nowMs + leaseMs, expiresAtMs };
    return 'renewed';
  }

  step(request: StepRequest, nowMs: number, late: boolean): 'recorded' | 'lost' | 'late' {
    const { owner, name, state, payload, leaseMs } = request;
    const mine = this.heldBy(owner);
    if (mine === undefined) return 'lost';
    if (late && state === 'started') return 'late';
    const steps = new Map(mine.steps).set(name, stepText(state, payload));
    this.state = { ...mine, steps, lease: nowMs + leaseMs };
    return 'recorded';
  }

  release(owner: string, mode: ReleaseMode): 'released' | 'lost' {
    const { state } = this;
    if (state.kind !== 'in progress' || state.owner !== owner) return 'lost';
    // Given up before: the same request again.
    if (typeof state.lease !== 'number') return 'released';
    if (mode === 'withdraw' && state.attempt > 1) {
      const lease = state.previous === 'released' ? 'released' : 'withdrawn';
      this.end({ ...state, owner: state.displaced, attempt: state.attempt - 1, lease });
    } else if (mode === 'keep' || state.steps.size > 0) {
      this.end({ ...state, lease: 'released' });
    } else {
      this.end(ABSENT);
    }
    return 'released';
  }

  private end(after: State): void {
    this.ends.all += 1;
    if (this.state.kind === 'in progress' && this.state.awaited) this.ends.awaited += 1;
    this.state = after;
  }

  /** The record, if `owner` may go on with it. It may, after its lease, while nobody took over. */
  private heldBy(owner: string): InProgress | undefined {
    const { state } = this;
    if (state.kind !== 'in progress' || state.owner !== owner) return undefined;
    return state.lease === 'released' ? undefined : state;
  }
}

/** A step as {@link ModelSteps} has it. */
export function stepText(state: StepState, payload: Uint8Array): string {
  return `${state} ${Buffer.from(payload).toString('hex')}`;
}

function told({ fence, attempt, previous, steps }: InProgress): ExpectedClaim {
  return { kind: 'claimed', fence, attempt, previous, steps };
}
