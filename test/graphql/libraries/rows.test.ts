import { createClient } from '@libsql/client';
import { drizzle } from 'drizzle-orm/node-postgres';
import { integer, pgTable, serial, timestamp } from 'drizzle-orm/pg-core';
import createKnex, { type Knex } from 'knex';
import { Kysely, PostgresDialect } from 'kysely';
import SqliteDatabase from 'libsql';
import { Pool } from 'pg';
import postgres from 'postgres';
import { postgresAt } from '../../database/adapters/postgres.js';
import { startPostgres, type PostgresServer } from '../../support/postgres-server.js';
import { testFamily, type Sample } from './samples.js';

interface Row {
  readonly id: number;
  readonly amount: number;
  readonly at: Date;
}

const SELECT = 'SELECT id, amount, at FROM payments';
const payments = pgTable('payments', {
  id: serial().primaryKey(),
  amount: integer().notNull(),
  at: timestamp({ withTimezone: true }).notNull(),
});

let server: PostgresServer;
let pool: Pool;
let sql: postgres.Sql;
let knex: Knex;
let kysely: Kysely<{ payments: Row }>;
const sqlite = new SqliteDatabase(':memory:');
const libsqlClient = createClient({ url: ':memory:' });

beforeAll(async () => {
  server = await startPostgres();
  await server.query(
    'CREATE TABLE payments (id serial PRIMARY KEY, amount int NOT NULL, at timestamptz NOT NULL)',
  );
  await server.query("INSERT INTO payments (amount, at) VALUES (5, '2026-01-02T03:04:05Z')");
  const place = postgresAt(server.port);
  pool = new Pool({ ...place, max: 1 });
  sql = postgres({ ...place, max: 1 });
  knex = createKnex({ client: 'pg', connection: place, pool: { min: 0, max: 1 } });
  kysely = new Kysely({ dialect: new PostgresDialect({ pool: new Pool({ ...place, max: 1 }) }) });
  sqlite.exec("CREATE TABLE payments (id, amount, at); INSERT INTO payments VALUES (1, 5, 'now')");
});

afterAll(async () => {
  await Promise.all([pool.end(), sql.end(), knex.destroy(), kysely.destroy()]);
  sqlite.close();
  libsqlClient.close();
  await server.stop();
});

function rowOf(
  library: string,
  what: string,
  make: () => unknown,
  kept: Sample['kept'] = 'value',
): Sample {
  return {
    ...{ library, what, kept, make },
    fields: 'id: ID! amount: Int! at: Text!',
    select: ['{ id amount at }', '{ at id }'],
  };
}

testFamily('Rows', [
  rowOf('pg', 'row', async () => (await pool.query<Row>(SELECT)).rows[0]),
  rowOf('Postgres.js', 'row', async () => (await sql<Row[]>`${sql.unsafe(SELECT)}`)[0]),
  rowOf('Knex', 'row', () => knex<Row>('payments').first()),
  rowOf('Kysely', 'row', () => kysely.selectFrom('payments').selectAll().executeTakeFirst()),
  rowOf('Drizzle', 'row', async () => (await drizzle(pool).select().from(payments))[0]),
  rowOf('libsql', 'row', () => sqlite.prepare(SELECT).get()),
  rowOf(
    '@libsql/client',
    'row, which hides its columns by number',
    async () => (await libsqlClient.execute("SELECT 1 AS id, 5 AS amount, 'now' AS at")).rows[0],
    'response',
  ),
]);
