import { idempotencyPlugin, MemoryStore, type IdempotencyStore } from '../../src/index.js';
import { AWAY_MS_MAX, createStoreSwitch } from '../../src/server/store-switch.js';

/** One call of each method that asks the store. */
const QUESTIONS: Readonly<Record<string, (store: IdempotencyStore) => Promise<unknown>>> = {
  begin: (store) => store.begin({ ...RECORD, onLapse: 'reject', waits: false, ...TIMES }),
  peek: (store) => store.peek(RECORD),
  complete: (store) =>
    store.complete({ ...RECORD, ...CLAIM, status: 'value', payload: EMPTY, ttlMs: 1_000 }),
  renew: (store) => store.renew({ ...RECORD, ...TIMES }),
  step: (store) => store.step({ ...RECORD, ...TIMES, name: 's', state: 'value', payload: EMPTY }),
  release: (store) => store.release({ ...RECORD, mode: 'erase' }),
  watch: (store) => store.watch(RECORD.recordId, () => undefined),
  ping: (store) => store.ping(),
  check: (store) => store.check(1_000),
};
const RECORD = { recordId: 'r'.repeat(32), fingerprint: 'f'.repeat(43), owner: 'o'.repeat(22) };
const TIMES = { leaseMs: 1_000, retentionMs: 2_000, timeoutMs: 1_000 };
const CLAIM = { fence: 1, attempt: 1 };
const EMPTY = new Uint8Array();

describe('the switch of the record store', () => {
  let time: number;
  let inner: MemoryStore;
  let records: { store: IdempotencyStore; forgetAll(): Promise<void> };
  let subject: ReturnType<typeof createStoreSwitch>;

  beforeEach(() => {
    time = 1_000;
    inner = new MemoryStore();
    records = {
      store: inner,
      forgetAll() {
        records.store = new MemoryStore();
        return Promise.resolve();
      },
    };
    subject = createStoreSwitch(records, () => time);
  });

  it('is a store like the one behind it', () => {
    expect(subject.store.name).toBe('memory');
    expect(subject.awayForMs()).toBe(0);
    expect(() => idempotencyPlugin({ store: subject.store, scope: 'global' })).not.toThrow();
  });

  it('knows every question that can be asked of a store', () => {
    const asked = Object.entries(subject.store).filter(([, member]) => member instanceof Function);
    expect(asked.map(([name]) => name).sort()).toEqual([...Object.keys(QUESTIONS), 'close'].sort());
  });

  it.each(Object.entries(QUESTIONS))(
    'lets %s fail while it is away, and only then',
    async (_, ask) => {
      await ask(subject.store);
      subject.set(true);
      await expect(ask(subject.store)).rejects.toThrow('taken away');
      subject.set(false);
      await ask(subject.store);
    },
  );

  it('changes no record, and lets the server stop', async () => {
    const begun = await QUESTIONS['begin']?.(subject.store);
    subject.set(true);
    await expect(subject.store.release({ ...RECORD, mode: 'erase' })).rejects.toThrow();
    await subject.store.close();
    subject.set(false);
    expect(await QUESTIONS['begin']?.(subject.store)).toEqual(begun);
  });

  it('goes on with another store when everything was forgotten', async () => {
    await QUESTIONS['complete']?.(subject.store);
    expect(await subject.store.peek(RECORD)).toMatchObject({ kind: 'completed' });
    await subject.forgetAll();
    expect(await subject.store.peek(RECORD)).toEqual({ kind: 'vacant' });
  });

  it('brings the store back by itself', async () => {
    subject.set(true);
    time += AWAY_MS_MAX - 1;
    expect(subject.awayForMs()).toBe(1);
    await expect(subject.store.ping()).rejects.toThrow();
    time += 1;
    expect(subject.awayForMs()).toBe(0);
    await expect(subject.store.ping()).resolves.toBeUndefined();
  });

  it('counts anew when it is flipped again', () => {
    subject.set(true);
    time += AWAY_MS_MAX / 2;
    subject.set(true);
    expect(subject.awayForMs()).toBe(AWAY_MS_MAX);
  });
});
