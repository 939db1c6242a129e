import Libsql from 'libsql';
import { createPool } from 'mysql2/promise';
import { Pool } from 'pg';

import { outcomeTable } from '../../src/core/database/outcome-table.js';
import {
  checkDatabase,
  fromLibsql,
  fromMysql2,
  fromPg,
  pruneOutcomes,
  type IdempotentDatabase,
} from '../../src/stores/database/index.js';
import { startMariaDb, type MariaDbServer } from '../support/mariadb-server.js';
import { startPostgres, type PostgresServer } from '../support/postgres-server.js';

const problem = (database: IdempotentDatabase<unknown>): Promise<unknown> =>
  checkDatabase(database).then(
    () => undefined,
    (error: unknown) => (error as Error).message,
  );

describe('the check of a database', () => {
  let server: PostgresServer;
  let pool: Pool;

  beforeAll(async () => {
    server = await startPostgres();
    pool = new Pool({ connectionString: server.url });
    pool.on('error', () => undefined);
  });

  afterAll(async () => {
    await pool.end();
    await server.stop();
  });

  beforeEach(() => server.query('DROP TABLE IF EXISTS graphql_idempotency'));

  it('finds nothing wrong with the table as it is printed, and leaves nothing in it', async () => {
    await server.query(outcomeTable('postgres'));
    expect(await problem(fromPg(pool))).toBeUndefined();
    expect(await server.query('SELECT * FROM graphql_idempotency')).toEqual([]);
    const db = new Libsql(':memory:');
    db.exec(outcomeTable('sqlite'));
    expect(await problem(fromLibsql(db))).toBeUndefined();
    expect(db.prepare('SELECT count(*) AS n FROM graphql_idempotency').get()).toMatchObject({
      n: 0,
    });
  });

  it.each([
    ['is missing', 'SELECT 1', 'table --dialect postgres'],
    ['lacks a column', 'ALTER TABLE graphql_idempotency DROP COLUMN fence', 'has other columns'],
    [
      'has a column too many that must have a value',
      'ALTER TABLE graphql_idempotency ADD COLUMN tenant text NOT NULL',
      'null value in column "tenant"',
    ],
    [
      'has no primary key',
      'ALTER TABLE graphql_idempotency DROP CONSTRAINT graphql_idempotency_pkey',
      'no unique or exclusion constraint',
    ],
    [
      'holds text where bytes belong',
      `ALTER TABLE graphql_idempotency ALTER COLUMN outcome TYPE text USING ''`,
      'cannot be tried out',
    ],
    [
      'holds small numbers',
      'ALTER TABLE graphql_idempotency ALTER COLUMN fence TYPE int',
      'out of range',
    ],
    [
      'may not be written to',
      'CREATE ROLE reader LOGIN; GRANT SELECT ON graphql_idempotency TO reader',
      'permission denied',
      'reader',
    ],
  ])('says so if the table %s', async (what, sql, sentence, user = 'test') => {
    if (what !== 'is missing') await server.query(outcomeTable('postgres'));
    await server.query(sql);
    const own = new Pool({ connectionString: server.url.replace('test@', `${user}@`) });
    expect(await problem(fromPg(own))).toContain(sentence);
    await own.end();
  });

  it('says so if the database takes no writes, is another one, or is away', async () => {
    await server.query(outcomeTable('postgres'));
    const readOnly = new Pool({
      connectionString: server.url,
      options: '-c default_transaction_read_only=on',
    });
    expect(await problem(fromPg(readOnly))).toContain('takes no writes');
    await readOnly.end();
    expect(await problem({ ...fromPg(pool), dialect: 'mysql' })).toContain('the SQL of mysql');
    const away = new Pool({ host: '127.0.0.1', port: 1 });
    expect(await problem(fromPg(away))).toContain('ECONNREFUSED');
    await away.end();
  });

  it('leaves bad options of a pruning, and a missing table, to be told by it', async () => {
    for (const options of [{ batchSize: 0 }, { batchSize: 1.5 }, { graceMs: -1 }]) {
      await expect(pruneOutcomes(fromPg(pool), options)).rejects.toThrow(RangeError);
    }
    await expect(pruneOutcomes(fromPg(pool))).rejects.toThrow('table --dialect postgres');
  });
});

describe('the check of MariaDB', () => {
  it.each([
    ['nothing wrong', 'DO 0', undefined],
    ['a missing table', 'DROP TABLE graphql_idempotency', 'table --dialect mysql'],
    ['a missing column', 'ALTER TABLE graphql_idempotency DROP COLUMN fence', 'has other columns'],
    ['no primary key', 'ALTER TABLE graphql_idempotency DROP PRIMARY KEY', 'no primary key'],
    [
      'text where bytes belong',
      'ALTER TABLE graphql_idempotency MODIFY outcome longtext CHARACTER SET utf8mb4',
      'cannot be tried out',
    ],
    ['small numbers', 'ALTER TABLE graphql_idempotency MODIFY fence int', 'Out of range'],
    [
      'small numbers, though it is not strict',
      'SET GLOBAL sql_mode = ""; ALTER TABLE graphql_idempotency MODIFY fence int',
      'fence is too small',
    ],
  ])('finds %s', async (_what, sql, sentence) => {
    await maria.query('DROP TABLE IF EXISTS graphql_idempotency');
    await maria.query(outcomeTable('mysql'));
    await maria.query(sql);
    const pool = createPool(maria.url);
    const found = await problem(fromMysql2(pool));
    if (sentence === undefined) expect(found).toBeUndefined();
    else expect(found).toContain(sentence);
    await pool.end();
  });

  let maria: MariaDbServer;
  beforeAll(async () => (maria = await startMariaDb()));
  afterAll(() => maria.stop());
});
