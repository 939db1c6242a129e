/**
 * What became of an execution that ended, as the record keeps it.
 *
 * - `value`: the resolver returned; the payload is the encoded value.
 * - `error`: the resolver threw an error on purpose; the payload is the encoded error.
 * - `unavailable`: it ended, but its outcome could not be kept. A tombstone without payload.
 * - `failed`: it ended in an accident and the mutation seals accidents. Without payload.
 */
export type OutcomeStatus = 'value' | 'error' | 'unavailable' | 'failed';

/** The outcome of a completed record. */
export interface StoredOutcome {
  readonly status: OutcomeStatus;
  /** Bytes written by the codec; empty for the statuses that carry none. */
  readonly payload: Uint8Array;
  /** Which attempt ended so: 1 for the first. */
  readonly attempt: number;
  /** Grows with every claim of the record. */
  readonly fence: number;
  /** When the store forgets the record: milliseconds since the Unix epoch, in the store's clock. */
  readonly expiresAtMs: number;
}

/**
 * What a claim may do with a record whose owner's lease has lapsed without an outcome.
 *
 * - `reject`: nothing; the requester is told that the outcome is unknown.
 * - `rerun`: take it over, if its first owner was content with that too.
 * - `recover`: take it over, because the outcome will be looked up before anything runs again.
 */
export type LapsePolicy = 'reject' | 'rerun' | 'recover';

/** Length of a record id: 192 bits, base64url. */
export const RECORD_ID_LENGTH = 32;
/** Length of an owner token: 128 bits, base64url. */
export const OWNER_LENGTH = 22;
/** Length of a fingerprint: SHA-256, base64url. */
export const FINGERPRINT_LENGTH = 43;
/** A record is not claimed again after this many attempts. */
export const ATTEMPTS_MAX = 99;
