import type { IdempotentDatabase } from '../idempotent-database.js';
import { mysqlStatements } from './mysql-statements.js';
import { postgresStatements } from './postgres-statements.js';
import { sqliteStatements } from './sqlite-statements.js';
import type { Statements } from './statement.js';

type Place = Pick<IdempotentDatabase<unknown>, 'dialect' | 'table'>;

const known = new WeakMap<Place, Statements>();

/** The statements of a database, made once. */
export function statementsFor(database: Place): Statements {
  let statements = known.get(database);
  if (statements === undefined) {
    statements = make(database);
    known.set(database, statements);
  }
  return statements;
}

function make({ dialect, table }: Place): Statements {
  switch (dialect) {
    case 'postgres':
      return postgresStatements(table);
    case 'mysql':
      return mysqlStatements(table);
    case 'sqlite':
      return sqliteStatements(table);
    default:
      return dialect satisfies never;
  }
}
