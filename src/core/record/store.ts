import type {
  LapsePolicy,
  OutcomeStatus,
  RecordedStep,
  StepState,
  StoredOutcome,
} from './record.js';
import type { RecordAdmin } from './record-admin.js';

/** A request to claim a record, or to learn what is in it. */
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
  /** Whether the caller will wait if the record is running: completion then notifies watchers. */
  readonly waits: boolean;
  /** A claim must not happen later than this after the call, in milliseconds: its caller is gone. */
  readonly timeoutMs: number;
}

/** The record is now owned by the request's owner. */
export interface Claimed {
  readonly kind: 'claimed';
  readonly fence: number;
  /** 1 for the first attempt. */
  readonly attempt: number;
  /**
   * The state before: `none`, or an earlier attempt that `lapsed` (its owner died) or was `released`
   * with something to keep.
   */
  readonly previous: 'none' | 'lapsed' | 'released';
  /** The recorded steps of this and earlier attempts, by name. */
  readonly steps: ReadonlyMap<string, RecordedStep>;
}

/** Another owner holds a living lease. */
export interface Running {
  readonly kind: 'running';
  readonly attempt: number;
  /** Milliseconds until the lease lapses unless renewed; above 0. */
  readonly leaseRemainingMs: number;
}

/** The owner's lease ended without an outcome, and the request may not take over. */
export interface Lapsed {
  readonly kind: 'lapsed';
  readonly attempt: number;
}

/** The record holds an outcome. */
export interface Completed {
  readonly kind: 'completed';
  readonly outcome: StoredOutcome;
}

/** The record belongs to other arguments. Nothing else about it is told. */
export interface Mismatch {
  readonly kind: 'mismatch';
}

/** The bytes found are not a record this version understands. They are left as they are. */
export interface Unreadable {
  readonly kind: 'unreadable';
  /** For logs, never for clients. */
  readonly reason: string;
}

/** Nothing is stored, or an attempt was released: the next `begin` may claim. */
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
   * A view: its `buffer` may be larger, and hold other data. To be kept byte by byte, and not as the
   * object that it is: the caller may write to it once the reply is there.
   */
  readonly payload: Uint8Array;
  /** The retention of the outcome, in milliseconds from now. */
  readonly ttlMs: number;
}

/** Whether the outcome counts, and until when it is kept. */
export type CompleteReply =
  | {
      readonly kind: 'stored';
      /** The stored status in place of the given one, if that could not be kept. */
      readonly status?: OutcomeStatus;
      readonly expiresAtMs: number;
      /** The claim had vanished from the store and the outcome was put back: someone should know. */
      readonly recreated: boolean;
    }
  /** Another owner took over; its outcome, if it has one already and the arguments are the same. */
  | { readonly kind: 'superseded'; readonly outcome: StoredOutcome | undefined }
  | Unreadable;

/** A request to prolong a lease. */
export interface RenewRequest {
  readonly recordId: string;
  readonly owner: string;
  readonly leaseMs: number;
  readonly retentionMs: number;
}

/** Whether the claim goes on, or is not the owner's any more. */
export type RenewReply = 'renewed' | 'lost';

/** A request to record how far a step of a running execution came. */
export interface StepRequest {
  readonly recordId: string;
  readonly owner: string;
  /** 1 to 255 characters. */
  readonly name: string;
  readonly state: StepState;
  /** Empty unless the state is `value`. A view, as that of {@link CompleteRequest}. */
  readonly payload: Uint8Array;
  /** The lease is prolonged to this, in milliseconds from now. */
  readonly leaseMs: number;
  /** A step must not be marked as started later than this after the call, in milliseconds. */
  readonly timeoutMs: number;
}

/** Whether the step counts, or the claim is not the owner's any more. */
export type StepReply = 'recorded' | 'lost';

/**
 * The way in which a claim is given up.
 *
 * - `erase`: nothing is worth keeping; the record goes, unless it holds steps.
 * - `keep`: the next `begin` claims it as a further attempt, whatever its policy.
 * - `withdraw`: the attempt counts for nothing, because the resolver was never entered or turned the
 *   request down. A first one goes without a trace; a later one leaves the record as it found it,
 *   lapsed or released.
 */
export type ReleaseMode = 'erase' | 'keep' | 'withdraw';

/** A request to give a claim up without an outcome. */
export interface ReleaseRequest {
  readonly recordId: string;
  readonly owner: string;
  readonly mode: ReleaseMode;
}

/** Whether the claim was given up, or was not the owner's any more. */
export type ReleaseReply = 'released' | 'lost';

/** The result of a store's check of its settings. */
export interface StoreCheck {
  /** Ways in which its promises could break, each a sentence that says what to change. */
  readonly problems: readonly string[];
  /** Whether a server must not start with them. */
  readonly refuses: boolean;
}

/**
 * A store of records. Every method is one atomic transition and safe to send twice; a rejection means
 * that the store could not be asked and that nothing is known about what it did.
 *
 * Invariant: a record has one owner at a time, and every change after the claim names it.
 * `storeContract` in `graphql-idempotency/testing` holds a store to all of this. What operators need,
 * {@link RecordAdmin}, is for a store to offer; the rules are in `recordMachine`.
 */
export interface IdempotencyStore {
  /** Says everything about a record, for an operator: see {@link RecordAdmin}. */
  readonly inspect?: RecordAdmin['inspect'];
  /** Ends an execution whose owner died, for an operator. */
  readonly settle?: RecordAdmin['settle'];
  /** Erases a record, for an operator. */
  readonly forget?: RecordAdmin['forget'];
  /** The name of the store, for start-up lines and logs: `memory`, `redis`. */
  readonly name: string;
  /** Claims the record or reports what is in it, in one round trip. */
  begin(request: BeginRequest): Promise<BeginReply>;
  /** Reports what is in the record and changes nothing. */
  peek(request: PeekRequest): Promise<PeekReply>;
  /**
   * Ends the execution. The first outcome wins; the same owner's again is a no-op; on an absent
   * record the outcome is put back. Accepted after the lease lapsed if nobody took over.
   */
  complete(request: CompleteRequest): Promise<CompleteReply>;
  /**
   * Prolongs a lease. Those that fall due together are asked for in one turn of the event loop, and
   * each is judged by its own reply.
   */
  renew(request: RenewRequest): Promise<RenewReply>;
  /** Records a step, or how far it came. Replaces what was recorded under its name. */
  step(request: StepRequest): Promise<StepReply>;
  /** Gives the claim up. */
  release(request: ReleaseRequest): Promise<ReleaseReply>;
  /**
   * Calls `onChange` whenever the record may have ended, until the returned function is called.
   * Resolves when changes from then on will be noticed. Messages may be lost: callers also poll.
   */
  watch(recordId: string, onChange: () => void): Promise<() => void>;
  /** Resolves if the store answers. Also warms up what the first `begin` would have to. */
  ping(): Promise<void>;
  /**
   * Looks for settings under which records could be lost or not be kept at all. A server asks once,
   * when it starts. Rejects if the store could not be asked and does not refuse that either.
   *
   * @param timeoutMs - how long it may take, in milliseconds
   */
  check(timeoutMs: number): Promise<StoreCheck>;
  /**
   * Frees what the store itself opened; never the caller's client, never a record. Another server
   * may share the store: whatever is called afterwards opens again what it needs.
   */
  close(): Promise<void>;
}
