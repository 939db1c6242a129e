import type { IdempotentDatabase } from './idempotent-database.js';
import { sqlFailureOf } from './sql/sql-error.js';

/** The database is not set up as it must be. The message says what to change. */
export class DatabaseSetUpError extends Error {
  override readonly name = 'DatabaseSetUpError';
}

/**
 * Says what to change if a statement about the table of outcomes failed because of how the database is
 * set up; returns if it failed for another reason.
 *
 * @throws DatabaseSetUpError
 */
export function throwSetUpProblem(
  { name, dialect, table }: Pick<IdempotentDatabase<unknown>, 'name' | 'dialect' | 'table'>,
  error: unknown,
): void {
  const explained = (sentence: string): DatabaseSetUpError =>
    new DatabaseSetUpError(sentence, { cause: error });
  switch (sqlFailureOf(error)) {
    case 'missingTable':
      throw explained(
        `The table ${table} does not exist or has other columns. ` +
          `"npx graphql-idempotency table --dialect ${dialect}" prints what creates it.`,
      );
    case 'readOnly':
      throw explained(
        `The database behind ${name} takes no writes. Give transaction() the primary, not a replica, ` +
          'and a transaction that is not read-only.',
      );
    case 'syntax':
      throw explained(
        `The database behind ${name} does not understand the SQL of ${dialect}. ` +
          'Is the adapter the one for this database?',
      );
    default:
      return;
  }
}
