import type { IdempotentDatabase } from './idempotent-database.js';
import type { SqlFailure } from './sql-error.js';

/**
 * Says what to change if a claim failed because of how the database is set up; nothing has run then.
 *
 * @throws Error
 */
export function throwClaimProblem(
  failure: SqlFailure,
  { name, dialect, table }: Pick<IdempotentDatabase<unknown>, 'name' | 'dialect' | 'table'>,
  cause: unknown,
): void {
  const explained = (sentence: string): Error => new Error(sentence, { cause });
  switch (failure) {
    case 'missingTable':
      throw explained(
        `The table ${table} does not exist or has other columns. ` +
          `outcomeTable('${dialect}') of graphql-idempotency/database returns what creates it.`,
      );
    case 'readOnly':
      throw explained(
        `The database behind ${name} takes no writes. Give transaction() the primary, not a replica, ` +
          'and a transaction that is not read-only.',
      );
    case 'syntax':
      throw explained(
        `The database behind ${name} does not understand the SQL of ${dialect}. ` +
          'Is the adapter the one for this database, or its option dialect wrong?',
      );
    default:
      return;
  }
}
