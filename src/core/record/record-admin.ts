import type { LapsePolicy, OutcomeStatus, RecordedStep, StoredOutcome } from './record.js';

/** A record that has no outcome, as an operator sees it. Times are in milliseconds, in the store's clock. */
export interface InspectedAttempt {
  /** `lapsed`: its owner died, or is cut off. `released`: the next request runs it again. */
  readonly state: 'running' | 'lapsed' | 'released';
  readonly nowMs: number;
  readonly attempt: number;
  readonly fence: number;
  /**
   * The remaining time of the lease, or, below 0, the time since its end; unset if it was given up or
   * its end is not known.
   */
  readonly leaseRemainingMs: number | undefined;
  readonly leaseMs: number;
  /** The first owner's choice in case of its death. */
  readonly onLapse: LapsePolicy;
  /** Whether somebody has asked to be told when it ends. */
  readonly awaited: boolean;
  readonly expiresAtMs: number;
  readonly steps: ReadonlyMap<string, RecordedStep>;
}

/** An operator's view of a record, whatever its arguments. */
export type Inspection =
  | { readonly state: 'absent' }
  | InspectedAttempt
  | ({ readonly state: 'completed'; readonly nowMs: number } & StoredOutcome)
  | {
      readonly state: 'unreadable';
      /** For operators, never for clients. */
      readonly reason: string;
    };

/** An operator's end of an execution that nobody else will end. */
export type Settlement =
  | {
      readonly kind: 'outcome';
      readonly status: OutcomeStatus;
      /** Empty for the statuses that carry none. */
      readonly payload: Uint8Array;
      /** The retention of the outcome, in milliseconds from now. */
      readonly ttlMs: number;
      /** A new owner token: no late owner may take the outcome for its own. */
      readonly owner: string;
    }
  /** The next request runs it again, as a further attempt. */
  | { readonly kind: 'rerun' };

/** A request to end a record whose owner has died or given up. */
export interface SettleRequest {
  readonly recordId: string;
  /** Of the record that was looked at: if it is another one by now, nothing is changed. */
  readonly fence: number;
  readonly settlement: Settlement;
}

/** A request to delete a record: the next request with its key runs, whatever happened before. */
export interface ForgetRequest {
  readonly recordId: string;
  /** Of the record that was looked at; unset for one that cannot be read. */
  readonly fence: number | undefined;
  /** Whether a living lease does not matter. */
  readonly alsoRunning: boolean;
}

/**
 * Whether a change was made, or why it was not: the record is not as it was when it was looked at
 * (`changed`), somebody is running it, it has an outcome, it cannot be read, it is not there, or it has
 * had all the attempts that a record may have.
 */
export type ChangeReply =
  'done' | 'changed' | 'running' | 'completed' | 'unreadable' | 'absent' | 'exhausted';

/** The operations that a store may offer to operators: the command line needs them. */
export interface RecordAdmin {
  /** Reports everything in a record and changes nothing. */
  inspect(recordId: string): Promise<Inspection>;
  /**
   * Ends a record. An outcome gets a larger fence and another owner, so that an owner that wakes up
   * later learns that it lost and answers with this outcome.
   */
  settle(request: SettleRequest): Promise<ChangeReply>;
  /** Deletes a record. */
  forget(request: ForgetRequest): Promise<ChangeReply>;
}
