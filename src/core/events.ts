import { channel } from 'node:diagnostics_channel';
import type { IdempotencyErrorCode } from './errors.js';
import { quietly } from './async/quietly.js';

/** The properties of every event about a record. */
export interface AboutRecord {
  /** The schema coordinate, as in `Mutation.createPayment`. */
  readonly operation: string;
  /**
   * The record: the mutation's name and a digest of scope, operation and key, as in
   * `createPayment:3q2-7w…`. Every event of one key has the same, and it reveals neither.
   */
  readonly recordId: string;
}

/** The properties of every event about a claim. */
export interface AboutAttempt extends AboutRecord {
  /** 1 for the first attempt, one more for each that took over after it. */
  readonly attempt: number;
}

/** An execution that ended with an outcome. */
export interface AboutOutcome extends AboutAttempt {
  /** From the request's arrival at the field to its answer, in milliseconds. */
  readonly durationMs: number;
  /** A value, an error that was thrown on purpose, a response, or something that could not be kept. */
  readonly outcome: 'value' | 'error' | 'response' | 'unavailable';
  /** `false` when the store does not have it yet: see `notStored`. */
  readonly stored: boolean;
}

/**
 * An event, for logs, metrics and alerts. It never contains keys, scopes, arguments or results.
 *
 * A request to a marked mutation ends with `executed`, `recovered`, `replayed`, `rejected`, `released`
 * or `sealed`, or with `missingKey` if it runs unprotected. The other events report what happened before
 * that.
 */
export type IdempotencyEvent =
  /** A request may run its resolver. `durationMs`: the duration of the store's reply. */
  | ({
      readonly type: 'claimed';
      /** The state before: nothing, an attempt whose owner died, or one that was given up. */
      readonly previous: 'none' | 'lapsed' | 'released';
      readonly durationMs: number;
    } & AboutAttempt)
  /** Beside `claimed`: the owner before had died without an outcome. */
  | ({ readonly type: 'takeover' } & AboutAttempt)
  /** A duplicate waited while another request was running; `ended`: until that one ended. */
  | ({
      readonly type: 'waited';
      readonly durationMs: number;
      readonly ended: boolean;
    } & AboutRecord)
  /** The resolver ran and gave an outcome. */
  | ({ readonly type: 'executed' } & AboutOutcome)
  /** `recover` found what an earlier attempt had done, and the resolver did not run. */
  | ({ readonly type: 'recovered' } & AboutOutcome)
  /** The request was answered from the record; `waited`: after the first one had ended. */
  | ({
      readonly type: 'replayed';
      readonly durationMs: number;
      readonly waited: boolean;
    } & AboutAttempt)
  /**
   * The resolver failed without an outcome and the claim was given up: a retry runs again.
   * `declined`: it turned the request down, as guards and validation do. `durationMs`: from the claim.
   */
  | ({
      readonly type: 'released';
      readonly durationMs: number;
      readonly declined: boolean;
    } & AboutAttempt)
  /** The resolver failed without an outcome, and retries are refused (`onError: SEAL`). */
  | ({ readonly type: 'sealed'; readonly durationMs: number } & AboutAttempt)
  /**
   * A request was refused. Its `operation` is the type of mutations, as in `Mutation`, if it was the
   * whole document; its `recordId` is missing if the refusal came before the record was known.
   */
  | ({
      readonly type: 'rejected';
      readonly code: IdempotencyErrorCode;
      readonly durationMs: number;
    } & Pick<AboutRecord, 'operation'> &
      Partial<AboutRecord>)
  /**
   * Beside `rejected`: a `recover` function threw, or returned something that is not a `RecoverReply`, so
   * the outcome stays unknown. `error` says which.
   */
  | ({ readonly type: 'recoverFailed'; readonly error: unknown } & AboutAttempt)
  /** Beside `rejected`: the key was used with other arguments. */
  | ({ readonly type: 'mismatch' } & AboutRecord)
  /** A marked mutation was called without a key; if it was not `refused`, it ran unprotected. */
  | { readonly type: 'missingKey'; readonly operation: string; readonly refused: boolean }
  /**
   * An outcome or a step's value could not be kept: a retry that needs it gets an error. `reason` is a
   * sentence; `place` is the path in the result, as in `['user', 'avatar']`.
   */
  | ({
      readonly type: 'unavailable';
      readonly reason: string;
      readonly place: readonly string[];
      readonly attempt?: number;
    } & AboutRecord)
  /**
   * A transaction did not run, because the database has its outcome from an earlier attempt: its
   * process died, or the store has lost the record.
   */
  | ({ readonly type: 'transactionFound'; readonly name: string } & AboutAttempt)
  /**
   * A marked mutation was answered without a look at its record: its resolver was replaced, or
   * something around it answered. The client got an error.
   */
  | { readonly type: 'unprotected'; readonly operation: string }
  /** Another request took over an execution that was still running: its outcome does not count. */
  | ({ readonly type: 'stale' } & AboutAttempt)
  /** The store had forgotten a claim whose owner was still running. It should never do that. */
  | ({ readonly type: 'claimLost' } & AboutAttempt)
  /** The outcome was answered but not yet stored; `final` when the library gave up storing it. */
  | ({
      readonly type: 'notStored';
      readonly final: boolean;
      readonly error: unknown;
    } & AboutAttempt)
  /** The store holds bytes that are not a readable record. */
  | ({ readonly type: 'unreadable'; readonly reason: string } & AboutRecord)
  /** The store could not be asked; without a record when the server started. */
  | ({ readonly type: 'storeFailure'; readonly error: unknown } & Partial<AboutRecord>)
  /** When the server started, its store was set up so that it could lose records. */
  | { readonly type: 'storeSetting'; readonly problem: string }
  /** The server stopped before everything in flight had ended. */
  | {
      readonly type: 'unfinished';
      /** Requests that were not answered. Retries will find their claims until these lapse. */
      readonly executions: number;
      /** Outcomes that were answered but could not be stored. */
      readonly writes: number;
    };

/** A listener to events. Errors that it throws are ignored, and so is a promise that rejects. */
export type EventListener = (event: IdempotencyEvent) => void;

/** The channel on which the parts of the library report events. */
export interface Events {
  /**
   * Calls every listener; `undefined` while there is none, so that `listener?.({ … })` creates no event
   * then.
   */
  readonly listener: EventListener | undefined;
}

/**
 * The diagnostics channel of every event, for code that cannot set `onEvent`: APM agents, test tools.
 */
export const EVENTS_CHANNEL = 'graphql-idempotency';

/**
 * Creates the source of events of one plugin.
 *
 * @param given - the listeners of the plugin's options
 */
export function createEvents(...given: readonly (EventListener | undefined)[]): Events {
  const listeners = given.filter((listener) => listener !== undefined);
  const diagnostics = channel(EVENTS_CHANNEL);
  const tell: EventListener = (event) => {
    for (const listener of listeners) {
      quietly(listener, event);
    }
    diagnostics.publish(event);
  };
  if (listeners.length > 0) return { listener: tell };
  return {
    get listener() {
      return diagnostics.hasSubscribers ? tell : undefined;
    },
  };
}
