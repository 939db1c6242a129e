import { AsyncLocalStorage } from 'node:async_hooks';
import type { Engine } from '../../../src/core/engine/engine.js';
import { recordIdOf } from '../../../src/core/record/key.js';
import { MemoryStore, type IdempotencyEvent, type IdempotencyStore } from '../../../src/index.js';
import { openEngine, outcome, request, type RequestOverrides } from '../../support/executions.js';
import { faulty } from '../../support/faulty-store.js';
import { ManualClock, settle } from '../../support/manual-clock.js';
import { execute } from '../../support/execute.js';

/** With the default `storeTimeoutMs` of a second, of which two hardly fit into this. */
const LEASE_MS = 2_000;

let clock: ManualClock;
let store: MemoryStore;
let events: IdempotencyEvent[];

beforeEach(() => {
  clock = new ManualClock();
  store = new MemoryStore({ clock });
  events = [];
});

/** A resolver that never returns, and the signal that it was given. */
async function running(
  engine: Engine,
  overrides: RequestOverrides = {},
  claimTakesMs = 0,
): Promise<AbortSignal> {
  const { policy, ...rest } = overrides;
  let signal: AbortSignal | undefined;
  void execute(
    engine,
    request({
      ...rest,
      policy: { leaseMs: LEASE_MS, onCrash: 'RERUN', ...policy },
      run: (execution) => {
        signal = execution.signal;
        return new Promise(() => undefined);
      },
    }),
  ).catch(() => undefined);
  await clock.advance(claimTakesMs);
  if (signal === undefined) throw new Error('It did not run.');
  return signal;
}

function open(over: IdempotencyStore): Engine {
  return openEngine(over, clock, events);
}

describe('a lease', () => {
  it.each(['hang', 'reject', 'loseReply', 'throw'] as const)(
    'aborts before anybody can take over when renewals %s (G11)',
    async (fault) => {
      let cutOff = false;
      const engine = open(faulty(store, () => (cutOff ? fault : undefined)));
      const signal = await running(engine);
      cutOff = true;
      const claimedAt = clock.now();
      while (!signal.aborted && clock.now() < claimedAt + 4 * LEASE_MS) await clock.advance(10);
      // A renewal whose reply was lost has prolonged the lease, but its owner cannot know that.
      expect(clock.now() - claimedAt).toBeLessThan(LEASE_MS);
      expect(clock.now() - claimedAt).toBeGreaterThan(LEASE_MS / 2);
    },
  );

  it('counts from when the claim was asked for, not from when the reply came', async () => {
    const slow = new Proxy(store, {
      get(target, name) {
        if (name === 'renew') return () => new Promise(() => undefined);
        const member: unknown = Reflect.get(target, name);
        if (name !== 'begin') return member;
        return async (...args: Parameters<MemoryStore['begin']>) => {
          const reply = await target.begin(...args);
          await new Promise<void>((resolve) => clock.schedule(900, resolve));
          return reply;
        };
      },
    });
    const askedAt = clock.now();
    const signal = await running(open(slow), {}, 900);
    while (!signal.aborted && clock.now() < askedAt + 4 * LEASE_MS) await clock.advance(10);
    expect(clock.now() - askedAt).toBeLessThan(LEASE_MS);
  });

  it('does not begin a resolver whose claim may be lost by the time its reply is seen', async () => {
    const engine = open(store);
    const begin = store.begin.bind(store);
    // The process stood still: its timers run late, and after what had arrived before.
    store.begin = (begun) =>
      begin(begun).then((reply) => {
        clock.stall(LEASE_MS);
        return reply;
      });
    let calls = 0;
    const run = (): Promise<ReturnType<typeof outcome>> => {
      calls += 1;
      return Promise.resolve(outcome('done'));
    };
    const policy = { leaseMs: LEASE_MS, onCrash: 'RERUN' } as const;
    await expect(execute(engine, request({ policy, run }))).rejects.toMatchObject({
      code: 'IDEMPOTENCY_STORE_UNAVAILABLE',
      retryable: true,
    });
    expect(calls).toBe(0);
    store.begin = begin;
    await settle();
    expect(await execute(engine, request({ policy, run }))).toMatchObject({ kind: 'executed' });
  });

  it('that nobody may take over is not aborted, however long the store is away', async () => {
    let cutOff = false;
    const engine = open(faulty(store, () => (cutOff ? 'hang' : undefined)));
    const signal = await running(engine, { policy: { onCrash: 'REJECT' } });
    cutOff = true;
    await clock.advance(10 * LEASE_MS);
    expect(signal.aborted).toBe(false);
  });

  it('is judged by its own renewals, not by those of other records', async () => {
    const stalled = recordIdOf('alice', 'Mutation.pay', 'stalled');
    const engine = open(
      faulty(store, (method, { recordId }) =>
        method === 'renew' && recordId === stalled ? 'hang' : undefined,
      ),
    );
    const healthy = await running(engine, { key: 'healthy' });
    const lost = await running(engine, { key: 'stalled' });
    const other = await running(engine, { key: 'other', policy: { leaseMs: 7_000 } });
    await clock.advance(10 * LEASE_MS);
    expect(lost.aborted).toBe(true);
    expect(healthy.aborted).toBe(false);
    expect(other.aborted).toBe(false);
    const policy = { leaseMs: LEASE_MS, waitMs: 0, onCrash: 'RERUN' as const };
    const [first, second] = ['healthy', 'stalled'].map((key) =>
      execute(open(store), request({ key, policy })),
    );
    await expect(first).rejects.toMatchObject({ code: 'IDEMPOTENCY_CONCURRENT_REQUEST' });
    expect(await second).toMatchObject({ kind: 'executed' });
  });

  it('goes on once renewals arrive again', async () => {
    let cutOff = true;
    const engine = open(
      faulty(store, (method) => (cutOff && method === 'renew' ? 'hang' : undefined)),
    );
    const signal = await running(engine);
    await clock.advance(0.7 * LEASE_MS);
    cutOff = false;
    await clock.advance(10 * LEASE_MS);
    expect(signal.aborted).toBe(false);
  });

  it('tells the listeners of its signal in the context of their own request', async () => {
    const context = new AsyncLocalStorage<string>();
    const heard: unknown[] = [];
    let cutOff = false;
    const engine = open(faulty(store, () => (cutOff ? 'hang' : undefined)));
    for (const name of ['one', 'two']) {
      await context.run(name, async () => {
        const signal = await running(engine, { key: name });
        signal.addEventListener('abort', () => heard.push([name, context.getStore()]));
      });
    }
    cutOff = true;
    await clock.advance(LEASE_MS);
    expect(heard).toEqual([
      ['one', 'one'],
      ['two', 'two'],
    ]);
  });

  it('is renewed in the context of no request', async () => {
    const context = new AsyncLocalStorage<string>();
    const seen = new Set<unknown>();
    const engine = open(
      faulty(store, (method) => {
        if (method === 'renew') seen.add(context.getStore());
        return undefined;
      }),
    );
    await context.run('one', () => running(engine, { key: 'one' }));
    await context.run('two', () => running(engine, { key: 'two' }));
    await clock.advance(2 * LEASE_MS);
    expect([...seen]).toEqual([undefined]);
  });
});
