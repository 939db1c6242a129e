import type { IdempotencyEvent, OutcomeStatus } from '../../../src/index.js';
import type { RequestPlan } from './plan.js';

/** A moment: when it was, and after what. */
export interface Moment {
  /** Grows with everything that is written down. */
  readonly order: number;
  readonly atMs: number;
}

/** A claim that the store made, whoever has heard of it. */
export interface ClaimLine extends Moment {
  readonly key: number;
  readonly process: string;
  readonly owner: string;
  readonly fence: number;
  readonly attempt: number;
  readonly previous: 'none' | 'lapsed' | 'released';
  /** Whether the owner has completed or released it. */
  ended: boolean;
}

/** A resolver was entered. */
export interface EntryLine extends Moment {
  readonly id: number;
  readonly key: number;
  readonly fingerprint: number;
  readonly process: string;
  readonly request: RequestLine;
  readonly fence: number;
  end: (Moment & { readonly how: 'outcome' | 'failure'; readonly sealable: boolean }) | undefined;
}

/** A step ran. */
export interface StepRunLine extends Moment {
  readonly key: number;
  readonly name: string;
  readonly process: string;
  readonly fence: number;
  /** Whether the resolver was given what it returned, then or later. */
  returned: boolean;
}

/** A step that the store recorded. */
export interface StepRecordLine extends Moment {
  readonly key: number;
  readonly name: string;
  readonly state: 'started' | 'value' | 'unavailable';
}

/** A call of the provider. */
export interface EffectLine extends Moment {
  readonly key: number;
  readonly downstreamKey: string;
}

/** An outcome that the store keeps. */
export interface OutcomeLine extends Moment {
  readonly key: number;
  readonly fingerprint: number;
  readonly status: OutcomeStatus;
  readonly text: string;
}

/** How a request was answered. */
export type Result =
  | {
      readonly kind: 'answer';
      readonly text: string;
      readonly from: 'run' | 'recover' | 'replay';
      readonly stored: boolean;
    }
  /** An IdempotencyError. */
  | { readonly kind: 'refused'; readonly code: string }
  | { readonly kind: 'failure'; readonly message: string };

/** A request that reached its process. */
export interface RequestLine extends Moment {
  readonly plan: RequestPlan;
  readonly process: string;
  settled: (Moment & { readonly result: Result }) | undefined;
}

/** A call of `recover`. */
export interface LookUpLine extends Moment {
  readonly request: RequestLine;
  readonly fence: number;
  reply: 'outcome' | 'rerun' | 'unknown';
  tookMs: number;
}

/** What happened, written down outside of the engines: as a provider and an auditor would. */
export class Ledger {
  readonly claims: ClaimLine[] = [];
  readonly entries: EntryLine[] = [];
  readonly stepRuns: StepRunLine[] = [];
  readonly stepRecords: StepRecordLine[] = [];
  readonly lookUps: LookUpLine[] = [];
  readonly effects: EffectLine[] = [];
  readonly outcomes: OutcomeLine[] = [];
  readonly requests: RequestLine[] = [];
  /** Requests that were sent once all faults had ended. */
  readonly retries: RequestLine[] = [];
  /** What the engines reported. */
  readonly events: { readonly key: number; readonly type: IdempotencyEvent['type'] }[] = [];
  /** When the store takes each claim's lease for lapsed, by fence. */
  readonly leaseEndsMs = new Map<number, number>();
  /** The fences of owners that heard from the store that their claim is lost. */
  readonly toldLost = new Set<number>();
  /** Processes that ended, with or without a warning. */
  readonly dead = new Set<string>();
  /** For how long each process stood still. */
  readonly pausedMs = new Map<string, number>();
  /** What nobody should ever see. */
  readonly violations: string[] = [];
  readonly #now: () => number;
  #order = 0;

  constructor(now: () => number) {
    this.#now = now;
  }

  moment(): Moment {
    return { order: (this.#order += 1), atMs: this.#now() };
  }
}
