import type { SqlDialect } from './idempotent-database.js';

/** The name of the table where nothing else is said. */
export const OUTCOME_TABLE = 'graphql_idempotency';

/** The largest number of characters of a record id in the table. */
export const TABLE_RECORD_ID_LENGTH_MAX = 255;
/** The largest number of characters of a transaction's name. */
export const TRANSACTION_NAME_LENGTH_MAX = 64;

const TABLE_NAME = /^[A-Za-z_][A-Za-z0-9_]{0,62}(\.[A-Za-z_][A-Za-z0-9_]{0,62})?$/;

/**
 * The name of a table, checked: it becomes a part of statements.
 *
 * @throws RangeError
 */
export function tableName(name: string): string {
  if (TABLE_NAME.test(name)) return name;
  throw new RangeError(
    'table must be a name of letters, digits and "_", with a schema and a dot before it or without.',
  );
}

/** The database's own clock, in milliseconds since the Unix epoch: that of a server may be wrong. */
export const NOW_MS: Readonly<Record<SqlDialect, string>> = {
  postgres: 'CAST(extract(epoch FROM clock_timestamp()) * 1000 AS bigint)',
  // Without a time zone in between, unlike NOW(3).
  mysql: "(TIMESTAMPDIFF(MICROSECOND, '1970-01-01 00:00:00', UTC_TIMESTAMP(3)) DIV 1000)",
  sqlite: "CAST((julianday('now') - 2440587.5) * 86400000 AS INTEGER)",
};

/**
 * The statements that create the table of outcomes, for a migration. One row is the outcome of one
 * transaction; the primary key is what duplicates wait on.
 *
 * @param name - the option `table` of the adapter
 * @throws RangeError when it is no name of a table
 */
export function outcomeTable(dialect: SqlDialect, name: string = OUTCOME_TABLE): string {
  const table = tableName(name);
  switch (dialect) {
    case 'postgres':
      return `CREATE TABLE ${table} (
  record_id text NOT NULL,
  name text NOT NULL,
  fingerprint text NOT NULL,
  fence bigint NOT NULL,
  outcome bytea NOT NULL,
  expires_at_ms bigint NOT NULL,
  PRIMARY KEY (record_id, name)
);
CREATE INDEX ${indexName(table)} ON ${table} (expires_at_ms);`;
    case 'mysql':
      return `CREATE TABLE ${table} (
  record_id varchar(${TABLE_RECORD_ID_LENGTH_MAX}) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  name varchar(${TRANSACTION_NAME_LENGTH_MAX}) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  fingerprint char(43) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  fence bigint NOT NULL,
  outcome longblob NOT NULL,
  expires_at_ms bigint NOT NULL,
  PRIMARY KEY (record_id, name),
  KEY ${indexName(table)} (expires_at_ms)
) ENGINE = InnoDB;`;
    case 'sqlite':
      return `CREATE TABLE ${table} (
  record_id TEXT NOT NULL,
  name TEXT NOT NULL,
  fingerprint TEXT NOT NULL,
  fence INTEGER NOT NULL,
  outcome BLOB NOT NULL,
  expires_at_ms INTEGER NOT NULL,
  PRIMARY KEY (record_id, name)
) STRICT, WITHOUT ROWID;
CREATE INDEX ${indexName(table)} ON ${table} (expires_at_ms);`;
    default:
      return dialect satisfies never;
  }
}

/** An index has the schema of its table. */
function indexName(table: string): string {
  return `${table.slice(table.indexOf('.') + 1).slice(0, 50)}_expiry`;
}
