import type { RecordIdentity } from './record.js';

/** The result of a mutation of the worker. */
export interface Receipt {
  /** What was charged; of `stepped`, one charge for each step, as in `1:charge-7,2:charge-8`. */
  readonly charge: string;
  /** `echoOf` what the resolver was called with. */
  readonly echo: string;
  /** The attempt whose resolver returned this. */
  readonly attempt: number;
  /** Another one for each result that was made, where the effect is made by a commit. */
  readonly seal?: string | null | undefined;
}

/** One request and what came back, as the client saw it. */
export interface HistoryEntry extends RecordIdentity {
  readonly amount: number;
  /** The order in which requests were sent and answers came: one counter for both. */
  readonly invokedAt: number;
  readonly returnedAt: number;
  /** `OK`, a code of ours, `NO_ANSWER` when nobody answered, or whatever else the server said. */
  readonly code: string;
  readonly receipt: Receipt | undefined;
  /** The server said that the result is not stored yet. */
  readonly notStored: boolean;
  readonly replayed: boolean;
  /** As what the server says that the result is kept. */
  readonly kept?: string | undefined;
  /** Sent after the faults had stopped and every lease had run out. */
  readonly final: boolean;
}

/** One effect, or the news that a step's result has been recorded. */
export interface LedgerLine extends RecordIdentity {
  readonly kind: 'effect' | 'recorded';
  /** Empty for an effect outside of steps. */
  readonly step: string;
  readonly echo: string;
  /** What was charged, now or when the downstream key was first seen. */
  readonly chargeId: string;
  readonly attempt: number;
  readonly fence: number;
  /** Process id. */
  readonly worker: number;
  /** False when the provider recognised a downstream key and did nothing. */
  readonly applied: boolean;
}

/**
 * What an attempt fails with whose worker stood still for a whole lease, as on a busy machine: the
 * next one may begin.
 */
export const LOST_CLAIM: ReadonlySet<string> = new Set([
  'The claim could not be renewed in time.',
  'The claim was lost to another request.',
]);
