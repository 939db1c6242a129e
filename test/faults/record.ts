import { createHash } from 'node:crypto';

/** The marked mutations of the worker, one for each policy: see `worker/schema.ts`. */
export const OPERATIONS = ['hold', 'rerun', 'recovered', 'stepped'] as const;

/**
 * Those whose effect is made by a commit around the resolver: see `worker/commits.ts`. What the resolver
 * returns is kept as a value or as a response.
 */
export const COMMIT_OPERATIONS = ['row', 'instance', 'rerunRow', 'rerunInstance'] as const;

export type CommitOperation = (typeof COMMIT_OPERATIONS)[number];

/** Those whose effect and outcome are committed in one transaction: see `worker/transactions.ts`. */
export const TRANSACTION_OPERATIONS = ['booked'] as const;

export type Operation =
  (typeof OPERATIONS)[number] | CommitOperation | (typeof TRANSACTION_OPERATIONS)[number];

/** After a crash, the outcome of these stays unknown, and a retry is told so (`onCrash: REJECT`). */
export const UNKNOWN_AFTER_CRASH: ReadonlySet<Operation> = new Set(['hold', 'row', 'instance']);

/** The identity of one intent of one caller. */
export interface RecordIdentity {
  readonly scope: string;
  readonly operation: Operation;
  readonly key: string;
}

/** Names a record in maps and messages. */
export function nameOf({ scope, operation, key }: RecordIdentity): string {
  return `${scope}/${operation}/${key}`;
}

/**
 * A digest of a request that its result contains, so that the value of another scope, operation or
 * key, or of other arguments, is recognised.
 */
export function echoOf({ scope, operation, key }: RecordIdentity, amount: number): string {
  const text = JSON.stringify([scope, operation, key, amount]);
  return createHash('sha256').update(text).digest('base64url').slice(0, 16);
}
