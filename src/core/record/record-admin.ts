import type { LapsePolicy, OutcomeStatus, RecordedStep, StoredOutcome } from './record.js';

/** An operator's view of a record without outcome. Times are in milliseconds, in the store's clock. */
export interface InspectedAttempt {
  /** `lapsed`: its owner died or is cut off. `released`: the next request runs again. */
  readonly state: 'running' | 'lapsed' | 'released';
  readonly nowMs: number;
  readonly attempt: number;
  readonly fence: number;
  /**
   * The remaining time of the lease; if negative, the time since its end; unset if it was given up or its
   * end is unknown.
   */
  readonly leaseRemainingMs: number | undefined;
  readonly leaseMs: number;
  /** The first owner's policy for a lapse. */
  readonly onLapse: LapsePolicy;
  /** True if a request waits for its end. */
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

/** The way in which an operator ends an execution. */
export type Settlement =
  | {
      readonly kind: 'outcome';
      readonly status: OutcomeStatus;
      /** Empty for the statuses that carry none. */
      readonly payload: Uint8Array;
      /** The retention of the outcome, in milliseconds from now. */
      readonly ttlMs: number;
      /** A new owner token, so that a late owner does not mistake the outcome for its own. */
      readonly owner: string;
    }
  /** The next request runs again, as a further attempt. */
  | { readonly kind: 'rerun' };

/** A request to settle a record whose owner has died or given up. */
export interface SettleRequest {
  readonly recordId: string;
  /** The fence of the inspected record; if it has changed since, nothing happens. */
  readonly fence: number;
  readonly settlement: Settlement;
}

/** A request to delete a record: the next request with its key runs, whatever happened before. */
export interface ForgetRequest {
  readonly recordId: string;
  /** The fence of the inspected record; unset if it is unreadable. */
  readonly fence: number | undefined;
  /** True to delete the record even during a live lease. */
  readonly alsoRunning: boolean;
}

/**
 * The result of a change, or the reason why nothing changed: the record has changed since it was inspected
 * (`changed`), it is running, it has an outcome, it is unreadable, it is absent, or it has had the
 * largest number of attempts.
 */
export type ChangeReply =
  'done' | 'changed' | 'running' | 'completed' | 'unreadable' | 'absent' | 'exhausted';

/** The operations that a store may offer to operators, which the command line needs. */
export interface RecordAdmin {
  /** Reports everything in a record and changes nothing. */
  inspect(recordId: string): Promise<Inspection>;
  /**
   * Settles a record. The outcome gets a larger fence and another owner, so an owner that wakes up later
   * finds that it lost and answers with this outcome.
   */
  settle(request: SettleRequest): Promise<ChangeReply>;
  /** Deletes a record. */
  forget(request: ForgetRequest): Promise<ChangeReply>;
}
