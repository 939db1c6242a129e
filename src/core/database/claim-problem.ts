import type { IdempotentDatabase } from './idempotent-database.js';
import type { SqlFailure } from './sql-error.js';

/** What to change if a claim failed because of how the database is set up; nothing has run then. */
export function claimProblem(
  failure: SqlFailure,
  { name, dialect, table }: Pick<IdempotentDatabase<unknown>, 'name' | 'dialect' | 'table'>,
  cause: unknown,
): Error | undefined {
  const explained = (sentence: string): Error => new Error(sentence, { cause });
  switch (failure) {
    case 'missingTable':
      return explained(
        `The table ${table} does not exist or has other columns. ` +
          `"npx graphql-idempotency table --dialect ${dialect}" prints what creates it.`,
      );
    case 'readOnly':
      return explained(
        `The database behind ${name} takes no writes. Give transaction() the primary, not a replica, ` +
          'and a transaction that is not read-only.',
      );
    case 'syntax':
      return explained(
        `The database behind ${name} does not understand the SQL of ${dialect}. ` +
          'Is the adapter the one for this database, or its option dialect wrong?',
      );
    default:
      return undefined;
  }
}
