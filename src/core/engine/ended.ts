import type { StoredOutcome } from '../record/record.js';

/** This request claimed the record and has an answer of its own. */
export interface Executed<T> {
  readonly kind: 'executed';
  readonly answer: T;
  /** The resolver did not run: `recover` found what an earlier attempt had done. */
  readonly recovered: boolean;
  /** Whether the store has the outcome; if not, the write goes on in the background. */
  readonly stored: boolean;
  readonly outcome: StoredOutcome;
}

/** Another request took over. */
export interface Superseded<T> {
  readonly kind: 'superseded';
  /** What it ended with, if it has. */
  readonly outcome: StoredOutcome | undefined;
  /** What the resolver threw, if it ended in a failure. */
  readonly error?: unknown;
  /** Otherwise tries once more to store what it returned: the record may have been given back. */
  readonly completeAgain?: () => Promise<Ended<T>>;
  /** Gives up storing what it returned, and answers with it. */
  readonly unstoredAnswer?: () => Executed<T>;
}

/** How a claimed execution ended. */
export type Ended<T> =
  | Executed<T>
  | {
      readonly kind: 'failure';
      readonly error: unknown;
      /** What the record says from now on, if it was not given up. */
      readonly sealed: 'failed' | 'unavailable' | undefined;
    }
  /** Nothing ran, and nobody can tell what became of an earlier attempt. */
  | { readonly kind: 'unknown'; readonly cause: unknown }
  | Superseded<T>;
