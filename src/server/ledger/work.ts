import type { Awaitable } from '../../stores/database/index.js';

/** A value of a column. */
export type SqlValue = string | number | null;

/** A row, by the names of its columns. */
export type SqlRow = Readonly<Record<string, unknown>>;

/** A statement, with `?` for each value. */
export interface Query {
  readonly sql: string;
  readonly values: readonly SqlValue[];
  /** Whether the rows that it reads are to stay as they are until the transaction ends. */
  readonly locks: boolean;
}

/**
 * Something to do with a database: it yields queries, and goes on with their rows. That way the same
 * code works on a database that answers at once and on one that answers later.
 */
export type Work<T> = Generator<Query, T, readonly SqlRow[]>;

/** Does work in an open transaction. */
export type Perform = <T>(work: Work<T>) => Awaitable<T>;

/** Reads rows, or changes some. */
export function* all(sql: string, ...values: readonly SqlValue[]): Work<readonly SqlRow[]> {
  return yield { sql, values, locks: false };
}

/** Reads the first row; `undefined` if there is none. */
export function* first(sql: string, ...values: readonly SqlValue[]): Work<SqlRow | undefined> {
  const rows = yield* all(sql, ...values);
  return rows[0];
}

/** Reads rows that nobody else changes until the transaction ends. */
export function* lock(sql: string, ...values: readonly SqlValue[]): Work<readonly SqlRow[]> {
  return yield { sql, values, locks: true };
}

/** Does work on a database that answers at once. */
export function performNow<T>(work: Work<T>, ask: (query: Query) => readonly SqlRow[]): T {
  let step = work.next([]);
  while (step.done !== true) step = work.next(ask(step.value));
  return step.value;
}

/** Does work on a database that answers later. */
export async function performLater<T>(
  work: Work<T>,
  ask: (query: Query) => Promise<readonly SqlRow[]>,
): Promise<T> {
  let step = work.next([]);
  while (step.done !== true) step = work.next(await ask(step.value));
  return step.value;
}
