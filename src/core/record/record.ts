/**
 * The kind of an outcome.
 *
 * - `value`: the resolver returned; the payload is the encoded value.
 * - `error`: the resolver threw an error on purpose; the payload is the encoded error.
 * - `response`: the resolver ended; the payload is the response for one selection of fields.
 * - `unavailable`: the resolver ended, but its outcome could not be kept. No payload.
 * - `failed`: the resolver failed, and the mutation seals failures. No payload.
 */
export type OutcomeStatus = 'value' | 'error' | 'response' | 'unavailable' | 'failed';

/** The outcome of a completed record. */
export interface StoredOutcome {
  /** The kind of the outcome. */
  readonly status: OutcomeStatus;
  /** Bytes written by the codec; empty for the statuses that carry none. */
  readonly payload: Uint8Array;
  /** The number of the attempt that ended: 1 for the first. */
  readonly attempt: number;
  /** Grows with every claim of the record. */
  readonly fence: number;
  /** The expiry of the record: milliseconds since the Unix epoch, in the store's clock. */
  readonly expiresAtMs: number;
}

/**
 * The state of a step.
 *
 * - `started`: it runs at most once and may have taken effect. No payload.
 * - `value`: it returned; the payload is the encoded value.
 * - `unavailable`: its value could not be kept. No payload.
 */
export type StepState = 'started' | 'value' | 'unavailable';

/** A recorded step. */
export interface RecordedStep {
  /** The state of the step. */
  readonly state: StepState;
  /** Bytes written by the codec; empty for the states that carry none. */
  readonly payload: Uint8Array;
}

/**
 * The policy for a record whose owner's lease has lapsed without an outcome.
 *
 * - `reject`: leave it; the request fails, because the outcome is unknown.
 * - `rerun`: take it over, if its first owner had the same policy.
 * - `recover`: take it over; `recover` looks up the outcome before anything runs again.
 */
export type LapsePolicy = 'reject' | 'rerun' | 'recover';

/** The steps of a record that has none. */
export const NO_STEPS: ReadonlyMap<string, RecordedStep> = new Map();

/** Length of the digest in a record id: 192 bits, base64url. */
export const RECORD_DIGEST_LENGTH = 32;
/** Length of an owner token: 128 bits, base64url. */
export const OWNER_LENGTH = 22;
/** Length of a fingerprint: SHA-256, base64url. */
export const FINGERPRINT_LENGTH = 43;
/** The largest number of steps in a record. */
export const STEPS_MAX = 1_000;
/** The largest total size of the values of a record's steps: 4 MiB. */
export const STEP_BYTES_MAX = 4_194_304;
/** The largest number of characters of a step's name. */
export const STEP_NAME_LENGTH_MAX = 255;
/** The largest number of attempts of a record. */
export const ATTEMPTS_MAX = 99;
