import type { OnCrash, OnError } from '../options/options.js';
import type { StoredOutcome } from '../record/record.js';
import type { Execution } from './attempt/execution.js';
import type { StepCodec } from './attempt/steps.js';

/** The policy of a mutation, as far as the engine needs it. */
export interface EnginePolicy {
  readonly ttlMs: number;
  readonly waitMs: number;
  readonly leaseMs: number;
  readonly onError: OnError;
  readonly onCrash: OnCrash;
}

/** What a caller knows about a claimed execution before its resolver runs. */
export type AttemptInfo = Omit<Execution, 'step' | 'transaction'>;

/** What the engine needs of a request. */
export interface EngineRequest<TFound extends object> {
  /** Schema coordinate. */
  readonly operation: string;
  readonly scope: string;
  readonly key: string;
  /** The digest of these three. */
  readonly recordId: string;
  readonly fingerprint: string;
  readonly policy: EnginePolicy;
  /** Looks up the outcome of earlier attempts. A rejection leaves it unknown. */
  readonly recover: ((attempt: AttemptInfo) => Promise<TFound | 'RERUN' | 'UNKNOWN'>) | undefined;
  /** Encodes what the resolver's steps and transactions return. */
  readonly stepCodec: StepCodec;
}

/** This request claimed the record, and its outcome is the record's. */
export interface Executed {
  readonly kind: 'executed';
  /** The resolver did not run: `recover` found what an earlier attempt had done. */
  readonly recovered: boolean;
  /** Whether the store has the outcome; if not, the write is repeated in the background. */
  readonly stored: boolean;
  readonly outcome: StoredOutcome;
}

/** The record holds the outcome of another request. */
export interface Replayed {
  readonly kind: 'replayed';
  readonly outcome: StoredOutcome;
  /** Whether its owner was still running when this request came. */
  readonly waited: boolean;
}

/** The claimed execution ended without an outcome. */
export interface Failed {
  readonly kind: 'failed';
  /** The error for the client. */
  readonly error: unknown;
}

/** How a request was answered from an outcome. */
export type Answer = Executed | Replayed;
