import { MemoryStore, type BeginRequest } from '../../src/index.js';
import { ManualClock } from '../support/manual-clock.js';
import { completed, newBegin, rivalOf } from '../support/requests.js';
import { runContract } from '../support/run-contract.js';

const begin = (): BeginRequest => newBegin({ leaseMs: 1_000, retentionMs: 10_000 });

const complete = (store: MemoryStore, request: BeginRequest, bytes: number): Promise<void> =>
  completed(store, request, { payload: new Uint8Array(bytes), ttlMs: 10_000 });

describe('MemoryStore', () => {
  runContract(() => {
    const clock = new ManualClock();
    const store = new MemoryStore({ clock });
    return { store, other: store, pass: (ms) => clock.advance(ms), close: () => store.close() };
  });

  it('refuses claims beyond entriesMax, and never forgets a living record for them', async () => {
    const clock = new ManualClock();
    const store = new MemoryStore({ clock, entriesMax: 2 });
    const first = begin();
    await complete(store, first, 10);
    await store.begin(begin());
    await expect(store.begin(begin())).rejects.toThrow('The memory store is full.');
    expect((await store.begin(rivalOf(first))).kind).toBe('completed');
    await clock.advance(10_001);
    expect((await store.begin(begin())).kind).toBe('claimed');
  });

  it('refuses claims beyond bytesMax, but keeps the outcome of every claim it made', async () => {
    const store = new MemoryStore({ clock: new ManualClock(), bytesMax: 100 });
    const [one, two] = [begin(), begin()];
    await store.begin(two);
    await complete(store, one, 100);
    await expect(store.begin(begin())).rejects.toThrow('Raise its bytesMax');
    await complete(store, two, 100);
    expect((await store.begin(rivalOf(two))).kind).toBe('completed');
  });

  it('forgets what has expired even if nobody asks for it', async () => {
    const clock = new ManualClock();
    const store = new MemoryStore({ clock, entriesMax: 1_000 });
    for (let index = 0; index < 999; index += 1) await store.begin(begin());
    await clock.advance(60_001);
    await store.begin(begin());
    await store.begin(begin());
    // Two live; all others have made room.
    for (let index = 0; index < 998; index += 1) await store.begin(begin());
    await expect(store.begin(begin())).rejects.toThrow('full');
  });

  it('does not share bytes with its callers', async () => {
    const store = new MemoryStore();
    const request = begin();
    const payload = Buffer.from('abc');
    await completed(store, request, { payload });
    payload.fill(0);
    const look = async (): Promise<Uint8Array> => {
      const reply = await store.peek(request);
      return reply.kind === 'completed' ? reply.outcome.payload : new Uint8Array();
    };
    (await look()).fill(0);
    expect(Buffer.from(await look()).toString()).toBe('abc');
  });

  it('refuses bounds that are not above 0', () => {
    expect(() => new MemoryStore({ entriesMax: 0 })).toThrow(RangeError);
    expect(() => new MemoryStore({ bytesMax: NaN })).toThrow(RangeError);
  });
});
