/** Something an operator may want to know. Keys, scopes and arguments are never part of it. */
export type IdempotencyEvent =
  | { readonly type: 'executed'; readonly operation: string; readonly attempt: number }
  | { readonly type: 'replayed'; readonly operation: string; readonly attempt: number }
  | { readonly type: 'rejected'; readonly operation: string; readonly code: string }
  | { readonly type: 'unprotected'; readonly operation: string }
  /** The outcome could not be kept: retries will be told that it is unavailable. */
  | { readonly type: 'tombstone'; readonly operation: string; readonly reason: string }
  /** The store had forgotten a claim whose owner was still running. */
  | { readonly type: 'claimLost'; readonly operation: string }
  /** Another request took over an execution that was still running. */
  | { readonly type: 'superseded'; readonly operation: string }
  /** The outcome was answered but not yet stored; `final` when the library gave up storing it. */
  | {
      readonly type: 'notStored';
      readonly operation: string;
      readonly final: boolean;
      readonly error: unknown;
    }
  /** The store holds bytes that are not a readable record. */
  | { readonly type: 'unreadable'; readonly operation: string; readonly reason: string }
  /** When the server started, its store was set up so that it could lose records. */
  | { readonly type: 'storeSetting'; readonly problem: string }
  /** The server stopped before everything under way had ended. */
  | {
      readonly type: 'unfinished';
      /** Requests that were not answered. Retries will find their claims until these lapse. */
      readonly executions: number;
      /** Outcomes that were answered but could not be stored. */
      readonly writes: number;
    }
  /** The store could not be asked. */
  | { readonly type: 'storeFailed'; readonly operation: string; readonly error: unknown };

/** Receives events. What it throws is ignored. */
export type EventListener = (event: IdempotencyEvent) => void;

/** A listener must not be able to change what happens to a request. */
export function safeListener(listener: EventListener | undefined): EventListener {
  return (event) => {
    try {
      listener?.(event);
    } catch {
      // Nobody is left to tell.
    }
  };
}
