import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import Libsql from 'libsql';
import { createPool, type Pool as MysqlPool } from 'mysql2/promise';
import { Pool } from 'pg';

import {
  DatabaseStore,
  fromLibsql,
  fromMysql2,
  fromPg,
  outcomeTable,
  pruneOutcomes,
  type IdempotentDatabase,
} from '../../src/stores/database/index.js';
import { startMariaDb } from '../support/mariadb-server.js';
import { startPostgres, type PostgresServer } from '../support/postgres-server.js';
import { completed, newBegin, rivalOf } from '../support/requests.js';
import { runContract } from '../support/run-contract.js';

/** A database, and how to open another connection to it. */
interface Place {
  open(): IdempotentDatabase<unknown>;
  query(sql: string): Promise<void>;
  close(): Promise<void>;
}

async function postgres(): Promise<Place> {
  const server: PostgresServer = await startPostgres();
  const pools: Pool[] = [];
  return {
    open() {
      const pool = new Pool({ connectionString: server.url, max: 4 });
      pool.on('error', () => undefined);
      pools.push(pool);
      return fromPg(pool);
    },
    async query(sql) {
      await server.query(sql);
    },
    async close() {
      await Promise.all(pools.map((pool) => pool.end()));
      await server.stop();
    },
  };
}

async function mariaDb(): Promise<Place> {
  const server = await startMariaDb();
  const pools: MysqlPool[] = [];
  return {
    open() {
      const pool = createPool({ uri: server.url, connectionLimit: 4 });
      pools.push(pool);
      return fromMysql2(pool);
    },
    async query(sql) {
      await server.query(sql);
    },
    async close() {
      await Promise.all(pools.map((pool) => pool.end()));
      await server.stop();
    },
  };
}

function sqlite(): Promise<Place> {
  const folder = mkdtempSync(join(tmpdir(), 'database-store-'));
  const databases: Libsql.Database[] = [];
  const open = (): Libsql.Database => {
    const database = new Libsql(join(folder, 'records.db'));
    database.pragma('busy_timeout = 5000');
    database.pragma('journal_mode = WAL');
    databases.push(database);
    return database;
  };
  return Promise.resolve({
    open: () => fromLibsql(open()),
    query(sql) {
      open().exec(sql);
      return Promise.resolve();
    },
    close() {
      for (const database of databases) database.close();
      rmSync(folder, { recursive: true });
      return Promise.resolve();
    },
  });
}

describe.each([
  ['PostgreSQL', 'postgres', postgres],
  ['MariaDB', 'mysql', mariaDb],
  ['SQLite', 'sqlite', sqlite],
] as const)('DatabaseStore in %s', (_name, dialect, start) => {
  let place: Place;
  let store: DatabaseStore;
  let other: DatabaseStore;

  beforeAll(async () => {
    place = await start();
    await place.query(outcomeTable(dialect));
    [store, other] = [new DatabaseStore(place.open()), new DatabaseStore(place.open())];
  });
  afterAll(() => place.close());

  runContract(() => ({
    ...{ store, other },
    pass: async (ms) => {
      await sleep(ms);
    },
    close: () => store.close(),
  }));

  it('gives a record to one of many who ask at the same time', async () => {
    const begin = newBegin();
    const replies = await Promise.all(
      Array.from({ length: 20 }, (_, index) =>
        (index % 2 === 0 ? store : other).begin(rivalOf(begin)),
      ),
    );
    const kinds = replies.map(({ kind }) => kind).sort();
    expect(kinds).toEqual(['claimed', ...Array.from({ length: 19 }, () => 'running')]);
  });

  it('gives every claim of a record a larger fence, whoever makes it', async () => {
    const begin = newBegin();
    let last = 0;
    for (let turn = 0; turn < 200; turn += 1) {
      const view = turn % 2 === 0 ? store : other;
      const request = rivalOf(begin);
      const reply = await view.begin(request);
      const fence = reply.kind === 'claimed' ? reply.fence : 0;
      expect(fence).toBeGreaterThan(last);
      last = fence;
      await view.release({ ...request, mode: 'erase' });
    }
  });

  it('makes no claim after its caller has gone', async () => {
    const late = newBegin({ timeoutMs: 0 });
    await expect(store.begin(late)).rejects.toThrow('in time');
    expect((await store.begin(rivalOf(late, { timeoutMs: 5_000 }))).kind).toBe('claimed');
  });

  it('says so if what it finds is no record, and forgets it if it is told to', async () => {
    const begin = newBegin();
    await store.begin(begin);
    const zero = dialect === 'postgres' ? "'\\x00'" : "x'00'";
    await place.query(
      `UPDATE graphql_idempotency SET outcome = ${zero} WHERE record_id = '${begin.recordId}'`,
    );
    expect(await store.begin(rivalOf(begin))).toMatchObject({ kind: 'unreadable' });
    expect(await store.peek(begin)).toMatchObject({ kind: 'unreadable' });
    expect(await store.inspect(begin.recordId)).toMatchObject({ state: 'unreadable' });
    const times = { leaseMs: 1_000, retentionMs: 2_000 };
    expect(await store.renew({ ...begin, ...times })).toBe('lost');
    const { recordId } = begin;
    expect(await store.forget({ recordId, fence: 1, alsoRunning: true })).toBe('unreadable');
    expect(await store.forget({ recordId, fence: undefined, alsoRunning: true })).toBe('done');
    expect(await store.forget({ recordId, fence: undefined, alsoRunning: true })).toBe('absent');
  });

  it('keeps a megabyte of any bytes', async () => {
    const begin = newBegin();
    const payload = Buffer.alloc(1_048_576, Buffer.from(Array.from({ length: 256 }, (_, i) => i)));
    await completed(store, begin, { payload });
    const reply = await other.peek(begin);
    const found = reply.kind === 'completed' ? Buffer.from(reply.outcome.payload) : undefined;
    expect(found?.equals(payload)).toBe(true);
  });

  it('leaves what has expired to pruneOutcomes', async () => {
    await pruneOutcomes(place.open(), { graceMs: 0 });
    await store.begin(newBegin({ leaseMs: 1, retentionMs: 2 }));
    const lives = newBegin();
    await store.begin(lives);
    await sleep(10);
    expect(await pruneOutcomes(place.open(), { graceMs: 0 })).toBe(1);
    expect((await store.begin(rivalOf(lives))).kind).toBe('running');
  });

  it('finds out at start whether its table is there, and is as it should be', async () => {
    expect(await store.check(10_000)).toEqual({ problems: [], refuses: false });
    await store.ping();
    const missing = new DatabaseStore({ ...place.open(), table: 'missing' });
    expect(await missing.check(10_000)).toEqual({
      problems: [expect.stringContaining('npx graphql-idempotency table')],
      refuses: true,
    });
    await expect(missing.begin(newBegin())).rejects.toThrow('The table missing does not exist');
  });
});

describe('DatabaseStore', () => {
  it('refuses a pollMs out of range, and rejects while its database is away', async () => {
    const pool = new Pool({ host: '127.0.0.1', port: 1, user: 'test' });
    expect(() => new DatabaseStore(fromPg(pool), { pollMs: 0 })).toThrow(RangeError);
    const store = new DatabaseStore(fromPg(pool));
    await expect(store.check(5_000)).rejects.toThrow('cannot be tried out');
    await expect(store.begin(newBegin())).rejects.toThrow('ECONNREFUSED');
    await pool.end();
  });
});
