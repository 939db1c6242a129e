import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { SqliteStore } from '../../docs/examples/own-store/sqlite-store.js';
import { newBegin, rivalOf } from '../support/requests.js';
import { defineContract } from '../../docs/examples/own-store/contract.js';

describe('the store of the documentation', () => {
  let folder: string;
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'sqlite-store-'));
  });
  afterAll(() => {
    rmSync(folder, { recursive: true, force: true });
  });

  defineContract(it, () => {
    const file = join(folder, 'contract.db');
    const [store, other] = [new SqliteStore(file), new SqliteStore(file)];
    return {
      store,
      other,
      pass: async (ms) => {
        await sleep(ms);
      },
      close: () => store.close(),
    };
  });

  it('gives a record to one of many who ask at the same time', async () => {
    const file = join(folder, 'race.db');
    const stores = Array.from({ length: 8 }, () => new SqliteStore(file));
    const begin = newBegin();
    const replies = await Promise.all(stores.map((store) => store.begin(rivalOf(begin))));
    const kinds = replies.map(({ kind }) => kind).sort();
    expect(kinds).toEqual(['claimed', ...Array.from({ length: 7 }, () => 'running')]);
  });

  it('forgets what has expired', async () => {
    const store = new SqliteStore(join(folder, 'purge.db'));
    const begin = newBegin({ leaseMs: 1, retentionMs: 2 });
    await store.begin(begin);
    await sleep(5);
    store.purge();
    expect((await store.begin(rivalOf(begin))).kind).toBe('claimed');
  });
});
