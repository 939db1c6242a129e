/**
 * The states of an attempt: the page threw a `lost` answer away, a `failed` one never came, and a
 * reload did not wait for a `left` one.
 */
export const ATTEMPT_STATES = [
  'sent',
  'executed',
  'replayed',
  'rejected',
  'lost',
  'failed',
  'left',
] as const;
export type AttemptState = (typeof ATTEMPT_STATES)[number];

/** One request on the wire. */
export interface Attempt {
  readonly id: number;
  /** The {@link Purchase} that it is for. */
  readonly purchase: string;
  /** The idempotency key that it carried. */
  readonly key: string;
  /** The first key of the page is 0, the next other one 1, and so on. */
  readonly keyNumber: number;
  /** In milliseconds since 1970. */
  readonly sentAtMs: number;
  readonly state: AttemptState;
  readonly tookMs?: number;
  /** The first request was still running: this one waited for its answer. */
  readonly waited?: boolean;
  /** The store does not have the outcome yet. */
  readonly unstored?: boolean;
  /** The code with which the server refused it. */
  readonly code?: string;
  /** When it is sent again, from its end. */
  readonly retryInMs?: number;
}

/** A purchase that somebody wanted to pay once. */
export interface Purchase {
  /** The key of the intent. */
  readonly id: string;
  /** In cents. */
  readonly amount: number;
  readonly reference: string | null;
  /** The newest payment in the ledger before the first attempt; undefined: not known. */
  readonly newestBefore: string | null | undefined;
  /** The number of its payments in the ledger; undefined if not known yet. */
  readonly payments: number | undefined;
}
