import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Libsql from 'libsql';

import { recordIdOf } from '../../src/core/record/key.js';
import { DatabaseStore, fromLibsql, outcomeTable } from '../../src/stores/database/index.js';
import { completionOf, newBegin, rivalOf } from '../support/requests.js';
import { runCliHere, type Written } from './in-process.js';

const NAMED = ['--scope', 'alice', '--operation', 'createPayment', '--key', 'k1'];

describe('the command line on records in a database', () => {
  let folder: string;
  let file: string;
  let db: Libsql.Database;
  let store: DatabaseStore;
  const recordId = recordIdOf('alice', 'Mutation.createPayment', 'k1', undefined);

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'cli-records-'));
    file = join(folder, 'records.db');
    db = new Libsql(file);
    db.pragma('busy_timeout = 5000');
    db.exec(outcomeTable('sqlite', 'records'));
    store = new DatabaseStore(fromLibsql(db, { table: 'records' }));
  });
  afterEach(() => {
    db.close();
    rmSync(folder, { recursive: true });
  });

  const run = (...args: string[]): Promise<Written> =>
    runCliHere([...args, '--database', file, '--table', 'records'], 'redis://127.0.0.1:1');

  it('shows a record, and settles it when its owner has died', async () => {
    const begin = newBegin({ recordId, leaseMs: 1 });
    await store.begin(begin);
    const shown = await run('inspect', ...NAMED);
    expect(shown.code).toBe(0);
    expect(shown.out.join('\n')).toContain('lapsed');
    const settled = await run('settle', ...NAMED, '--value', '{"id":"pay_7"}', '--reason', 'T-1');
    expect(settled).toMatchObject({ code: 0, out: ['Settled.'] });
    // Who did it is told, if only here.
    expect(settled.err.filter((line) => line.startsWith('audit: '))).toHaveLength(2);
    expect(await store.begin(rivalOf(begin))).toMatchObject({ kind: 'completed' });
    const outcome = await run('inspect', recordId, '--show-outcome');
    expect(outcome.out.join('\n')).toContain('pay_7');
  });

  it('refuses to settle what runs, and forgets what it is told to', async () => {
    const begin = newBegin({ recordId });
    const claimed = await store.begin(begin);
    expect((await run('settle', ...NAMED, '--rerun')).code).toBe(1);
    expect((await run('forget', ...NAMED)).code).toBe(1);
    if (claimed.kind === 'claimed') await store.complete(completionOf(begin, claimed));
    expect(await run('forget', ...NAMED)).toMatchObject({ code: 0, out: ['Forgotten.'] });
    expect((await run('inspect', ...NAMED)).code).toBe(1);
    expect((await store.begin(rivalOf(begin))).kind).toBe('claimed');
  });

  it.each([
    [['inspect', ...NAMED, '--redis', 'redis://127.0.0.1:1'], 'Say --redis or --database.'],
    [['settle', ...NAMED, '--rerun', '--replicas', '1'], '--replicas applies only to Redis.'],
    [['list'], 'database'],
  ])('says what is wrong with %j', async (args, message) => {
    const { code, err } = await run(...args);
    expect(code).toBe(2);
    expect(err.join('\n')).toContain(message);
  });

  it('says that there is no table, and that --table belongs to a database', async () => {
    const elsewhere = ['inspect', recordId, '--database', file];
    const { code, err } = await runCliHere(elsewhere, '');
    expect(code).toBe(3);
    expect(err.join('\n')).toContain('npx graphql-idempotency table --dialect sqlite');
    const redis = await runCliHere(['inspect', recordId, '--table', 'records'], '');
    expect(redis).toMatchObject({ code: 2, err: ['--table goes with --database.'] });
  });
});
