import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { createClient } from '@libsql/client';
import type BetterSqlite3 from 'better-sqlite3';
import Libsql from 'libsql';

import { outcomeTable } from '../../src/core/database/outcome-table.js';
import { aesGcmCipher, type Execution } from '../../src/index.js';
import {
  DatabaseStore,
  fromBetterSqlite3,
  fromLibsql,
  type IdempotentDatabase,
} from '../../src/stores/database/index.js';
import { codeOf } from '../support/executions.js';
import { claimed, newBegin } from '../support/requests.js';
import { send } from './requests.js';

const TABLES = `${outcomeTable('sqlite', 'graphql_idempotency')}
  CREATE TABLE payments (id INTEGER PRIMARY KEY, amount INTEGER NOT NULL);`;

describe.each([
  // The driver of libsql has the interface of better-sqlite3, and needs no compiler to be installed.
  ['fromBetterSqlite3', (file: string) => open(new Libsql(file) as never, fromBetterSqlite3)],
  ['fromLibsql', (file: string) => open(new Libsql(file) as never, fromLibsql as never)],
])('a transaction in SQLite through %s (G30)', (name, openFile) => {
  let folder: string;
  let file: string;
  let db: BetterSqlite3.Database;
  let database: IdempotentDatabase<BetterSqlite3.Database>;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'sqlite-test-'));
    file = join(folder, 'test.db');
    ({ db, database } = openFile(file));
    db.exec(TABLES);
  });

  afterEach(() => {
    db.close();
    rmSync(folder, { recursive: true, force: true });
  });

  const count = (): unknown => db.prepare('SELECT count(*) AS n FROM payments').get();

  const pay = (tx: BetterSqlite3.Database): { id: number; at: Date } => {
    const { lastInsertRowid } = tx.prepare('INSERT INTO payments (amount) VALUES (?)').run(5);
    return { id: Number(lastInsertRowid), at: new Date(0) };
  };

  const payOnce = ({ transaction }: Execution): Promise<unknown> => transaction(database, pay);

  it('has one effect and gives one answer, whatever the store forgets', async () => {
    const first = await send(payOnce);
    expect(await send(payOnce)).toEqual(first);
    expect(first).toEqual({ id: 1, at: new Date(0) });
    expect(count()).toMatchObject({ n: 1 });
  });

  it('is not mixed with what others do on the connection at the same time', async () => {
    const failing = send(({ transaction }) =>
      transaction(database, (tx) => {
        pay(tx);
        return () => 'not to be kept';
      }),
    );
    const others = Array.from({ length: 50 }, async () => {
      await Promise.resolve();
      pay(db);
    });
    await expect(failing).rejects.toThrow('was rolled back');
    await Promise.all(others);
    expect(count()).toMatchObject({ n: 50 });
  });

  it('encrypts, if the cipher does so at once', async () => {
    const cipher = aesGcmCipher({ keys: { a: Buffer.alloc(32, 1) }, current: 'a' });
    const first = await send(payOnce, { cipher });
    expect(await send(payOnce, { cipher })).toEqual(first);
    const slow = { encrypt: () => Promise.resolve(Buffer.of(1)), decrypt: () => Buffer.of(1) };
    const refused = send(payOnce, { cipher: slow, overrides: { key: 'k2' } });
    await expect(refused).rejects.toThrow('must not be, either');
    expect(count()).toMatchObject({ n: 1 });
  });

  it('refuses an async body, and rolls back what it had done', async () => {
    const refused = send(({ transaction }) =>
      // eslint-disable-next-line @typescript-eslint/require-await -- what is refused
      transaction(database, async (tx) => pay(tx)),
    );
    await expect(refused).rejects.toThrow(/must not be async/);
    expect(count()).toMatchObject({ n: 0 });
    expect(db.inTransaction).toBe(false);
  });

  it('refuses other arguments, a missing table, a read-only file, an open transaction', async () => {
    await send(payOnce);
    const other = send(payOnce, { overrides: { fingerprint: 'g'.repeat(43) } });
    expect(await codeOf(other)).toBe('IDEMPOTENCY_KEY_PARAMETER_MISMATCH');
    db.exec('BEGIN');
    await expect(send(payOnce)).rejects.toThrow('an open transaction');
    expect(db.inTransaction).toBe(true);
    db.exec('ROLLBACK');
    db.pragma('query_only = on');
    await expect(send(payOnce, { overrides: { key: 'k2' } })).rejects.toThrow('takes no writes');
    db.pragma('query_only = off');
    db.exec('DROP TABLE graphql_idempotency');
    await expect(send(payOnce)).rejects.toThrow('table --dialect sqlite');
    expect(count()).toMatchObject({ n: 1 });
  });

  it('claims no record in the transaction that somebody else has open', async () => {
    const store = new DatabaseStore(database);
    const begin = newBegin();
    db.exec('BEGIN');
    await expect(store.begin(begin)).rejects.toThrow('an open transaction');
    db.exec('ROLLBACK');
    await claimed(store, begin);
  });

  it('refuses a body that ends the transaction', async () => {
    const ended = (sql: string): Promise<unknown> =>
      send(({ transaction }) =>
        transaction(database, (tx) => {
          pay(tx);
          tx.exec(sql);
        }),
      );
    await expect(ended('ROLLBACK')).rejects.toThrow('ended that transaction');
    expect(count()).toMatchObject({ n: 0 });
  });

  it('is tried again while another process writes', async () => {
    const other = new Libsql(file);
    db.pragma('busy_timeout = 1');
    other.exec('BEGIN IMMEDIATE');
    const paid = send(({ transaction }) => transaction(database, pay, { triesMax: 100 }));
    await new Promise((resolve) => setTimeout(resolve, 50));
    other.exec('COMMIT');
    other.close();
    expect(await paid).toMatchObject({ id: 1 });
  });

  it('takes nothing else', () => {
    const from = name === 'fromLibsql' ? fromLibsql : fromBetterSqlite3;
    for (const given of [null, {}, 'file.db', { prepare: () => 1 }]) {
      expect(() => from(given as never)).toThrow(TypeError);
    }
  });
});

describe('a transaction in libSQL through @libsql/client (G30)', () => {
  let folder: string;

  beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'libsql-test-'))));
  afterEach(() => {
    rmSync(folder, { recursive: true, force: true });
  });

  it('has one effect and gives one answer, also at the same time', async () => {
    const client = createClient({ url: `file:${join(folder, 'test.db')}` });
    await client.executeMultiple(TABLES);
    const payOnce = ({ transaction }: Execution): Promise<number> =>
      transaction(fromLibsql(client), async (tx) => {
        const { lastInsertRowid } = await tx.execute('INSERT INTO payments (amount) VALUES (5)');
        return Number(lastInsertRowid);
      });
    expect(await send(payOnce)).toBe(1);
    expect(await send(payOnce)).toBe(1);
    const failing = send(
      ({ transaction }) =>
        transaction(fromLibsql(client), async (tx) => {
          await tx.execute('INSERT INTO payments (amount) VALUES (5)');
          throw new Error('no');
        }),
      { overrides: { key: 'k2' } },
    );
    await expect(failing).rejects.toThrow('no');
    const { rows } = await client.execute('SELECT count(*) AS n FROM payments');
    expect(rows[0]?.['n']).toBe(1);
    client.close();
  });
});

function open<TDatabase>(
  db: TDatabase,
  from: (db: TDatabase) => IdempotentDatabase<TDatabase>,
): { db: TDatabase; database: IdempotentDatabase<TDatabase> } {
  return { db, database: from(db) };
}
