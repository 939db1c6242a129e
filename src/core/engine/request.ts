import type { OnCrash, OnError } from '../options/options.js';
import type { StoredOutcome } from '../record/record.js';
import type { Execution } from './attempt/execution.js';
import type { StepCodec } from './attempt/steps.js';

/** The part of a mutation's policy that the engine needs. */
export interface EnginePolicy {
  readonly ttlMs: number;
  readonly waitMs: number;
  readonly leaseMs: number;
  readonly onError: OnError;
  readonly onCrash: OnCrash;
}

/** A claimed execution before its resolver runs. */
export type AttemptInfo = Omit<Execution, 'step' | 'transaction'>;

/** A request to the engine. */
export interface EngineRequest<TFound extends object> {
  /** The mutation's schema coordinate. */
  readonly operation: string;
  readonly scope: string;
  readonly key: string;
  /** The record's id: the mutation's name and a digest of these three. */
  readonly recordId: string;
  readonly fingerprint: string;
  readonly policy: EnginePolicy;
  /** Looks up the outcome of earlier attempts. A rejection leaves it unknown. */
  readonly recover: ((attempt: AttemptInfo) => Promise<TFound | 'RERUN' | 'UNKNOWN'>) | undefined;
  /** Encodes the values of the resolver's steps and transactions. */
  readonly stepCodec: StepCodec;
}

/** This request claimed the record, and its outcome is the record's. */
export interface Executed {
  readonly kind: 'executed';
  /** True if the resolver did not run, because `recover` found the result of an earlier attempt. */
  readonly recovered: boolean;
  /** True if the store has the outcome; otherwise the write is repeated in the background. */
  readonly stored: boolean;
  readonly outcome: StoredOutcome;
}

/** The record holds the outcome of another request. */
export interface Replayed {
  readonly kind: 'replayed';
  readonly outcome: StoredOutcome;
  /** True if its owner was still running when this request came. */
  readonly waited: boolean;
  /** False if its owner runs in this process, and the store does not have the outcome yet. */
  readonly stored: boolean;
}

/** The claimed execution ended without an outcome. */
export interface Failed {
  readonly kind: 'failed';
  /** The error for the client. */
  readonly error: unknown;
}

/** An answer from an outcome. */
export type Answer = Executed | Replayed;
