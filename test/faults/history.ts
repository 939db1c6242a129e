import type { RecordIdentity } from './record.js';

/** The result of a mutation of the worker. */
export interface Receipt {
  /** The charge; of `stepped`, one charge for each step, as in `1:charge-7,2:charge-8`. */
  readonly charge: string;
  /** `echoOf` what the resolver was called with. */
  readonly echo: string;
  /** The attempt whose resolver returned this. */
  readonly attempt: number;
  /** Different for each result of a resolver, where the effect is made by a commit. */
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
  /** The kind of the kept result, as the server reports it: value or response. */
  readonly kept?: string | undefined;
  /** Sent after the faults had stopped and every lease had run out. */
  readonly final: boolean;
  /** The process that was asked, what hit it, and when: shown with a violation, never judged. */
  readonly sent?: SentRequest | undefined;
}

/** The circumstances of a request. Times are of the harness's own clock, in milliseconds. */
export interface SentRequest {
  readonly worker: number;
  readonly fault: string | undefined;
  readonly delayMs: number | undefined;
  readonly from: number;
  readonly to: number;
}

/** An event that is not an effect. */
export type NoteKind = 'recorded' | 'released';

/** One effect; or the note that a step's result has been recorded, or that an attempt gives up its claim. */
export interface LedgerLine extends RecordIdentity {
  readonly kind: 'effect' | NoteKind;
  /** Empty for an effect outside of steps. */
  readonly step: string;
  readonly echo: string;
  /** The charge, made now or when the downstream key was first seen. */
  readonly chargeId: string;
  readonly attempt: number;
  readonly fence: number;
  /** Process id. */
  readonly worker: number;
  /** False when the provider recognised a downstream key and did nothing. */
  readonly applied: boolean;
  /** The time of the harness's own clock, in milliseconds: shown with a violation, never judged. */
  readonly at?: number | undefined;
}
