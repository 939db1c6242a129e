import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import Libsql from 'libsql';

import { outcomeTable } from '../../src/core/database/outcome-table.js';
import { startMariaDb } from '../support/mariadb-server.js';
import { startPostgres, type PostgresServer } from '../support/postgres-server.js';
import { runCliHere, type Written } from './in-process.js';

const HOUR_MS = 3_600_000;

/** Rows that expired so long ago, in milliseconds, or will expire. */
const insertInto = (table: string, ages: readonly number[]): string =>
  `INSERT INTO ${table} VALUES ${ages
    .map((age, n) => `('r${String(n)}', 'n', 'f', 1, ${bytes(table)}, ${String(Date.now() - age)})`)
    .join(', ')}`;

const bytes = (table: string): string => (table !== 'outcomes' ? "x'01'" : String.raw`'\x01'`);

describe('the tool about the table of outcomes', () => {
  let folder: string;

  beforeAll(() => (folder = mkdtempSync(join(tmpdir(), 'outcomes-test-'))));
  afterAll(() => {
    rmSync(folder, { recursive: true, force: true });
  });

  const run = (...args: string[]): Promise<Written> => runCliHere(args, '', { env: {} });

  it.each(['postgres', 'mysql', 'sqlite'] as const)('prints it for %s', async (dialect) => {
    const { code, out } = await run('table', '--dialect', dialect);
    expect([code, out]).toEqual([0, [outcomeTable(dialect)]]);
  });

  it('prints it under another name, and says what it can print', async () => {
    const named = await run('table', '--dialect', 'sqlite', '--table', 'app.outcomes');
    expect(named.out[0]).toContain('CREATE TABLE app.outcomes');
    for (const [args, sentence] of [
      [[], 'Say for which database: --dialect postgres'],
      [['--dialect', 'oracle'], 'Say for which database'],
      [['--dialect', 'sqlite', '--table', 'a b'], '--table must be a name'],
    ] as const) {
      const { code, err } = await run('table', ...args);
      expect([code, err]).toEqual([2, [expect.stringContaining(sentence)]]);
    }
  });

  describe('in SQLite', () => {
    let file: string;
    let db: Libsql.Database;

    beforeEach(() => {
      file = join(mkdtempSync(join(folder, 'db-')), 'test.db');
      db = new Libsql(file);
      db.exec(outcomeTable('sqlite', 'lite'));
    });

    afterEach(() => void db.close());

    const left = (): unknown => db.prepare('SELECT count(*) AS n FROM lite').get();

    it('removes what expired longer than an hour ago, in batches', async () => {
      db.exec(
        insertInto('lite', [-HOUR_MS, 0, HOUR_MS / 2, 2 * HOUR_MS, 3 * HOUR_MS, 4 * HOUR_MS]),
      );
      const args = ['--database', file, '--table', 'lite', '--batch-size', '2'];
      const { code, out, err } = await run('prune', ...args);
      expect([code, out]).toEqual([0, ['Removed 3 expired outcomes.']]);
      expect(err).toEqual(['2 expired outcomes removed', '3 expired outcomes removed', '']);
      expect(left()).toMatchObject({ n: 3 });
      const more = await run('prune', ...args, '--grace-seconds', '0', '--json');
      expect(more.out).toEqual(['{"removed":2}']);
      expect(left()).toMatchObject({ n: 1 });
    });

    it('takes a file: URL, and DATABASE_URL', async () => {
      const env = { DATABASE_URL: `file://${file}` };
      const { out } = await runCliHere(['prune', '--table', 'lite'], '', { env });
      expect(out).toEqual(['Removed 0 expired outcomes.']);
    });

    it('says what is wrong, and creates nothing', async () => {
      const other = join(folder, 'none.db');
      const text = join(folder, 'text.db');
      writeFileSync(
        text,
        'This is a text, and longer than the header of a database would be. '.repeat(9),
      );
      for (const [args, code, sentence] of [
        [['--database', file], 3, 'The table graphql_idempotency does not exist'],
        [['--database', other], 2, 'There is no file'],
        [['--database', text], 3, 'not a database'],
        [['--database', file, '--table', 'a b'], 2, '--table must be a name'],
        [['--database', file, '--batch-size', '0'], 2, '--batch-size must be'],
        [['--database', 'oracle://user:secret@host/db'], 2, 'not oracle: URLs'],
        [[], 2, 'Say which database'],
      ] as const) {
        const written = await run('prune', ...args);
        expect([written.code, written.err]).toEqual([code, [expect.stringContaining(sentence)]]);
        expect(written.all.join()).not.toContain('secret');
      }
    });
  });

  describe('in PostgreSQL', () => {
    let server: PostgresServer;

    beforeAll(async () => {
      server = await startPostgres();
      await server.query(outcomeTable('postgres', 'outcomes'));
    });

    afterAll(() => server.stop());

    it('removes what has expired, also while somebody else does, and ends its process', async () => {
      const ages = Array.from({ length: 500 }, (_, n) => (n % 2 === 0 ? 2 * HOUR_MS : -HOUR_MS));
      await server.query(insertInto('outcomes', ages));
      const args = ['--database', server.url, '--table', 'outcomes', '--batch-size', '7', '--json'];
      const all = await Promise.all([run('prune', ...args), run('prune', ...args)]);
      const removed = all.map(
        ({ out }) => (JSON.parse(out[0] ?? '') as { readonly removed: number }).removed,
      );
      // What the other one is removing now is passed over.
      expect((removed[0] ?? 0) + (removed[1] ?? 0)).toBeLessThanOrEqual(250);
      await run('prune', ...args);
      expect(await server.query('SELECT count(*)::int AS n FROM outcomes')).toEqual([{ n: 250 }]);
      const tool = join(__dirname, '../../dist/cjs/cli/main.js');
      const ended = spawnSync(process.execPath, [tool, 'prune', ...args], { encoding: 'utf8' });
      expect(ended).toMatchObject({ status: 0, stdout: '{"removed":0}\n' });
    });

    it('says if it is no such server', async () => {
      const url = 'postgres://test:secret@127.0.0.1:1/postgres';
      const { code, all } = await run('prune', '--database', url);
      expect([code, all]).toEqual([3, [expect.stringContaining('ECONNREFUSED')]]);
    });
  });

  it('removes what has expired in MariaDB', async () => {
    const server = await startMariaDb();
    try {
      await server.query(outcomeTable('mysql', 'maria'));
      const ages = Array.from({ length: 50 }, (_, n) => (n % 2 === 0 ? 2 * HOUR_MS : -HOUR_MS));
      await server.query(insertInto('maria', ages));
      const args = ['--table', 'maria', '--batch-size', '7', '--json'];
      const url = server.url.replace('mysql:', 'mariadb:');
      expect((await run('prune', '--database', url, ...args)).out).toEqual(['{"removed":25}']);
      const wrong = await run('prune', '--database', server.url);
      expect([wrong.code, wrong.err]).toEqual([3, [expect.stringContaining('does not exist')]]);
    } finally {
      await server.stop();
    }
  });
});
