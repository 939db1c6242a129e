import type {
  LapsePolicy,
  OutcomeStatus,
  RecordedStep,
  StepState,
  StoredOutcome,
} from './record.js';
import type { RecordAdmin } from './record-admin.js';

/** A request to claim a record or report its state. */
export interface BeginRequest {
  /** The mutation's name, a colon, and a digest of scope, operation and key: 32 base64url characters. */
  readonly recordId: string;
  /** Digest of the arguments: 43 base64url characters. */
  readonly fingerprint: string;
  /** The claimant's token: 22 base64url characters, new for every execution. */
  readonly owner: string;
  /** The life of the claim without renewal, in milliseconds. */
  readonly leaseMs: number;
  /** The retention of the record while in progress, in milliseconds. At least two leases. */
  readonly retentionMs: number;
  /** The policy for a record whose lease has lapsed. */
  readonly onLapse: LapsePolicy;
  /** True if the caller will wait while the record is running: its completion then notifies watchers. */
  readonly waits: boolean;
  /** The deadline of a claim, in milliseconds after the call: later, its caller has given up. */
  readonly timeoutMs: number;
}

/** The record is now owned by the request's owner. */
export interface Claimed {
  readonly kind: 'claimed';
  readonly fence: number;
  /** 1 for the first attempt. */
  readonly attempt: number;
  /**
   * The state before the claim: `none`, or an earlier attempt that `lapsed` (its owner died) or was
   * `released` and kept.
   */
  readonly previous: 'none' | 'lapsed' | 'released';
  /** The recorded steps of this and earlier attempts, by name. */
  readonly steps: ReadonlyMap<string, RecordedStep>;
}

/** Another owner holds a live lease. */
export interface Running {
  readonly kind: 'running';
  readonly attempt: number;
  /** The remaining time of the lease, unless it is renewed, in milliseconds; above 0. */
  readonly leaseRemainingMs: number;
}

/** The owner's lease lapsed without an outcome, and the request may not take over. */
export interface Lapsed {
  readonly kind: 'lapsed';
  readonly attempt: number;
}

/** The record holds an outcome. */
export interface Completed {
  readonly kind: 'completed';
  readonly outcome: StoredOutcome;
}

/** The record belongs to other arguments. The reply reveals nothing else about it. */
export interface Mismatch {
  readonly kind: 'mismatch';
}

/** The stored bytes are not a record of this version. The store leaves them as they are. */
export interface Unreadable {
  readonly kind: 'unreadable';
  /** For logs, never for clients. */
  readonly reason: string;
}

/** Nothing is stored, or an attempt was released: the next `begin` may claim the record. */
export interface Vacant {
  readonly kind: 'vacant';
}

/** The reply of `begin`. */
export type BeginReply = Claimed | Running | Lapsed | Completed | Mismatch | Unreadable;
/** The reply of `peek`. */
export type PeekReply = Vacant | Running | Lapsed | Completed | Mismatch | Unreadable;

/** A request to look at a record without changing it. */
export interface PeekRequest {
  readonly recordId: string;
  readonly fingerprint: string;
}

/** A request to end an execution with its outcome. */
export interface CompleteRequest {
  readonly recordId: string;
  readonly fingerprint: string;
  readonly owner: string;
  readonly fence: number;
  readonly attempt: number;
  readonly status: OutcomeStatus;
  /**
   * A view: its `buffer` may be larger and hold other data. Copy its bytes and do not keep the object: the
   * caller may write to it after the reply.
   */
  readonly payload: Uint8Array;
  /** The retention of the outcome, in milliseconds from now. */
  readonly ttlMs: number;
}

/** The reply of `complete`. */
export type CompleteReply =
  | {
      readonly kind: 'stored';
      /** The stored status, if it differs from the requested one, which could not be kept. */
      readonly status?: OutcomeStatus;
      readonly expiresAtMs: number;
      /** True if the record was absent and the outcome was stored anew, which should be reported. */
      readonly recreated: boolean;
    }
  /** Another owner took over. `outcome` is set if it has one and the arguments are the same. */
  | { readonly kind: 'superseded'; readonly outcome: StoredOutcome | undefined }
  | Unreadable;

/** A request to renew a lease. */
export interface RenewRequest {
  readonly recordId: string;
  readonly owner: string;
  readonly leaseMs: number;
  readonly retentionMs: number;
}

/** The reply of `renew`: `lost` if the claim no longer belongs to the owner. */
export type RenewReply = 'renewed' | 'lost';

/** A request to record the state of a step of a running execution. */
export interface StepRequest {
  readonly recordId: string;
  readonly owner: string;
  /** 1 to 255 characters. */
  readonly name: string;
  readonly state: StepState;
  /** Empty unless the state is `value`. A view, as in {@link CompleteRequest}. */
  readonly payload: Uint8Array;
  /** The new duration of the lease, in milliseconds from now. */
  readonly leaseMs: number;
  /** The deadline of a `started` mark, in milliseconds after the call. */
  readonly timeoutMs: number;
}

/** The reply of `step`: `lost` if the claim no longer belongs to the owner. */
export type StepReply = 'recorded' | 'lost';

/**
 * The way in which a claim is given up.
 *
 * - `erase`: deletes the record, unless it holds steps.
 * - `keep`: keeps the record; the next `begin` claims it as a further attempt, whatever its policy.
 * - `withdraw`: the attempt does not count, because the resolver did not run or rejected the request. A
 *   first attempt leaves no trace; a later one restores the record's earlier state, lapsed or released.
 */
export type ReleaseMode = 'erase' | 'keep' | 'withdraw';

/** A request to give up a claim without an outcome. */
export interface ReleaseRequest {
  readonly recordId: string;
  readonly owner: string;
  readonly mode: ReleaseMode;
}

/** The reply of `release`: `lost` if the claim no longer belonged to the owner. */
export type ReleaseReply = 'released' | 'lost';

/** The result of a store's check of its settings. */
export interface StoreCheck {
  /** The settings that endanger the store's promises: for each, a sentence that says what to change. */
  readonly problems: readonly string[];
  /** True if a server must not start with them. */
  readonly refuses: boolean;
}

/**
 * A store of records. Every call about a record is one atomic transition and safe to send twice. A
 * rejected promise means that the effect of the call is unknown.
 *
 * Invariant: a record has one owner at a time, and every change after the claim names it.
 * `storeContract` in `graphql-idempotency/testing` tests all of this, and `recordMachine` has the rules.
 * A store may also offer {@link RecordAdmin} to operators.
 */
export interface IdempotencyStore {
  /** Reports everything in a record, for an operator: see {@link RecordAdmin}. */
  readonly inspect?: RecordAdmin['inspect'];
  /** Ends an execution whose owner died, for an operator. */
  readonly settle?: RecordAdmin['settle'];
  /** Erases a record, for an operator. */
  readonly forget?: RecordAdmin['forget'];
  /** The name of the store, for start-up lines and logs: `memory`, `redis`. */
  readonly name: string;
  /** Claims the record or reports its state, in one round trip. */
  begin(request: BeginRequest): Promise<BeginReply>;
  /** Reports the record's state and changes nothing. */
  peek(request: PeekRequest): Promise<PeekReply>;
  /**
   * Ends the execution. The first outcome wins; a second call of the same owner changes nothing; if the
   * record is absent, the outcome is stored anew. Accepted after the lease lapsed if nobody took over.
   */
  complete(request: CompleteRequest): Promise<CompleteReply>;
  /**
   * Renews a lease. Renewals that are due together are sent in one turn of the event loop; each has its
   * own reply.
   */
  renew(request: RenewRequest): Promise<RenewReply>;
  /** Records the state of a step, and replaces an earlier one of the same name. */
  step(request: StepRequest): Promise<StepReply>;
  /** Gives the claim up. */
  release(request: ReleaseRequest): Promise<ReleaseReply>;
  /**
   * Calls `onChange` whenever the record may have ended, until the returned function is called.
   * Resolves once later changes will be noticed. Messages may be lost: callers also poll.
   */
  watch(recordId: string, onChange: () => void): Promise<() => void>;
  /** Resolves if the store answers. Also prepares whatever the first `begin` needs. */
  ping(): Promise<void>;
  /**
   * Looks for settings that can lose records or prevent storing them. A server calls it once, at start.
   * Rejects if the store cannot be reached, unless the store reports that as a refusal.
   *
   * @param timeoutMs - the longest time that it may take, in milliseconds
   */
  check(timeoutMs: number): Promise<StoreCheck>;
  /**
   * Frees the resources that the store itself opened; never the caller's client, never a record. Another
   * server may share the store: later calls open what they need again.
   */
  close(): Promise<void>;
}
