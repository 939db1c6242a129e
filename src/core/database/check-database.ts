import { randomUUID } from 'node:crypto';
import { andThen, type Awaitable } from '../async/awaitable.js';
import type { IdempotentDatabase, SqlQuery } from './idempotent-database.js';
import { messageOf } from '../values/message-of.js';
import { newClaimBytes, numberOf, outcomeRowOf } from './outcome-row.js';
import { DatabaseSetUpError, throwSetUpProblem } from './set-up-problem.js';
import { claimRow, sendAll, type RowClaim, type Statements } from './sql/statement.js';
import { statementsFor } from './sql/statements.js';

/** The longest wait for a row of its own, which nobody else knows, in milliseconds. */
const WAIT_MS = 5_000;
/** Every byte, so that a column which is not binary is found out. */
const BYTES = Buffer.from(Array.from({ length: 256 }, (_, byte) => byte));

/**
 * Tells whether transactions will find what they need: a server that starts asks before its first
 * payment does. It writes an outcome in a transaction, looks whether it can be read and claimed only
 * once, and rolls back.
 *
 * @throws Error that says what to change, or that the database cannot be reached
 */
export async function checkDatabase(database: IdempotentDatabase<unknown>): Promise<void> {
  const statements = statementsFor(database);
  const rolledBack = new Error('The check is done.');
  const options = { isolation: undefined, timeoutMs: 60_000, waitMs: 60_000 };
  try {
    await database.run(
      ({ query }) =>
        andThen(tryOut(statements, query), () => {
          throw rolledBack;
        }),
      options,
    );
  } catch (error) {
    if (error === rolledBack) return;
    if (error instanceof TableError) {
      throw new DatabaseSetUpError(
        `The table ${database.table} has other columns or keys (${error.message}). ` +
          `"npx graphql-idempotency table --dialect ${database.dialect}" prints what it must be.`,
        { cause: error },
      );
    }
    throwSetUpProblem(database, error);
    throw new Error(
      `The table ${database.table} cannot be tried out through ${database.name}: ${messageOf(error)}`,
      { cause: error },
    );
  }
}

function tryOut(statements: Statements, query: SqlQuery): Awaitable<void> {
  const key = { recordId: `check:${randomUUID()}`, name: 'check' };
  const pending = newClaimBytes();
  const ttlMs = WAIT_MS;
  const claim: RowClaim = {
    ...key,
    ...{ fingerprint: 'f'.repeat(43), fence: Number.MAX_SAFE_INTEGER, pending },
    ...{ ttlMs, waitMs: WAIT_MS },
  };
  return steps(
    () => claimRow(query, statements, claim),
    () =>
      andThen(
        sendAll(query, statements.keep({ ...key, pending, outcome: BYTES, ttlMs })),
        ([row]) => {
          if (row === undefined || numberOf(row['kept'], 'count') !== 1) {
            throw new TableError('an outcome is not kept as it was written');
          }
        },
      ),
    // A second claim must be told apart from the first, or both bodies would run.
    () => {
      const second = { ...claim, pending: newClaimBytes() };
      return claimRow(query, statements, second);
    },
    () => {
      const { sql, parameters } = statements.read(key);
      return andThen(query(sql, parameters), (rows) => {
        if (rows.length !== 1) throw new TableError('it has no primary key (record_id, name)');
        for (const row of rows.map(outcomeRowOf)) {
          if (!row.outcome.equals(BYTES)) throw new TableError('outcome is not binary');
          if (row.fence !== claim.fence) throw new TableError('fence is too small');
          if (row.fingerprint !== claim.fingerprint)
            throw new TableError('fingerprint is too short');
        }
      });
    },
  );
}

function steps(...all: readonly (() => Awaitable<unknown>)[]): Awaitable<void> {
  return all.reduce<Awaitable<unknown>>(andThen, undefined) as Awaitable<void>;
}

/** The table is there, and not as it should be. */
class TableError extends Error {
  override readonly name = 'TableError';
}
