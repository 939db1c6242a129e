import type { Execution } from './execution.js';
import type { OnCrash, OnError } from '../options.js';
import type { OutcomeStatus } from '../record/record.js';
import type { StepCodec } from './steps.js';

/** An execution that ended with an outcome. */
export interface Outcome<T> {
  readonly kind: 'outcome';
  /** `unavailable` when the outcome cannot be kept. */
  readonly status: Exclude<OutcomeStatus, 'failed'>;
  /** Empty when the outcome cannot be kept. */
  readonly payload: Uint8Array;
  /** What this request is answered with. */
  readonly answer: T;
}

/** An execution that ended without an outcome. */
export interface Failure {
  readonly kind: 'failure';
  readonly error: unknown;
  /** The request was turned down rather than failed: never sealed, and nothing is kept of it. */
  readonly declined: boolean;
}

/** What the engine needs of a request. */
export interface ExecuteRequest<T> {
  /** Schema coordinate. */
  readonly operation: string;
  readonly scope: string;
  readonly key: string;
  /** The digest of these three. */
  readonly recordId: string;
  readonly fingerprint: string;
  readonly policy: {
    readonly ttlMs: number;
    readonly waitMs: number;
    readonly leaseMs: number;
    readonly onError: OnError;
    readonly onCrash: OnCrash;
  };
  /**
   * Runs the resolver. A throw says that nothing ran, and the claim is given up; a rejection, that
   * something may have, and the record's outcome is unavailable from then on.
   *
   * @param again - to be called before the resolver runs another time under the same claim
   */
  run(execution: Execution, again: () => void): Promise<Outcome<T> | Failure>;
  /** Looks up what became of earlier attempts. Rejecting leaves it unknown. */
  readonly recover: ((attempt: Attempt) => Promise<Outcome<T> | 'RERUN' | 'UNKNOWN'>) | undefined;
  /** Keeps what the resolver's steps return. */
  readonly stepCodec: StepCodec;
}

/** What is known about a claimed execution before its resolver runs. */
export type Attempt = Omit<Execution, 'step' | 'transaction'>;
