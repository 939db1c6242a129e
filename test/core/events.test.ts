import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { Engine } from '../../src/core/engine/engine.js';
import { createEvents, EVENTS_CHANNEL } from '../../src/core/events.js';
import { recordIdOf } from '../../src/core/record/key.js';
import { MemoryStore, type IdempotencyEvent } from '../../src/index.js';
import {
  failure,
  codeOf,
  deferred,
  LEASE_MS,
  openEngine,
  outcome,
  request,
  type RequestOverrides,
} from '../support/executions.js';
import { faulty } from '../support/faulty-store.js';
import { ManualClock, settle } from '../support/manual-clock.js';
import { type Outcome, execute } from '../support/execute.js';

const ABOUT = {
  operation: 'Mutation.pay',
  recordId: recordIdOf('alice', 'Mutation.pay', 'k1'),
};

let clock: ManualClock;
let store: MemoryStore;
let events: IdempotencyEvent[];
let engine: Engine;

beforeEach(() => {
  clock = new ManualClock();
  store = new MemoryStore({ clock });
  events = [];
  engine = openEngine(store, clock, events);
});

/** A process that claims and then pauses: its timers do not run, and its resolver waits. */
async function pausedOwner(overrides: RequestOverrides = {}): Promise<{
  readonly answered: Promise<unknown>;
  readonly events: IdempotencyEvent[];
  readonly finish: (ended: Outcome<string> | ReturnType<typeof failure>) => void;
}> {
  const own: IdempotencyEvent[] = [];
  const gate = deferred<Outcome<string> | ReturnType<typeof failure>>();
  const paused = openEngine(store, new ManualClock(), own);
  const answered = codeOf(execute(paused, request({ ...overrides, run: () => gate.promise })));
  await settle();
  return { answered, events: own, finish: gate.resolve };
}

describe('events of the engine', () => {
  it('tell of a claim and of how long the store took', async () => {
    await execute(engine, request());
    const about = { ...ABOUT, attempt: 1, durationMs: 0 };
    expect(events).toEqual([{ type: 'claimed', ...about, previous: 'none' }]);
  });

  it('tell that a claim was given up after a failure, and what a retry finds', async () => {
    await codeOf(execute(engine, request({ run: () => Promise.resolve(failure('boom')) })));
    const declined = { ...failure('no'), declined: true };
    await codeOf(execute(engine, request({ run: () => Promise.resolve(declined) })));
    expect(events.filter(({ type }) => type === 'released')).toEqual([
      { type: 'released', ...ABOUT, attempt: 1, durationMs: 0, declined: false },
      { type: 'released', ...ABOUT, attempt: 1, durationMs: 0, declined: true },
    ]);
  });

  it('tell of a failure that seals the record, once', async () => {
    const policy = { onError: 'SEAL' } as const;
    const run = async (): Promise<ReturnType<typeof failure>> => {
      await clock.advance(40);
      return failure('boom');
    };
    await codeOf(execute(engine, request({ policy, run })));
    expect(await codeOf(execute(engine, request({ policy, run })))).toMatch('PREVIOUS_ATTEMPT');
    expect(events.slice(1)).toEqual([{ type: 'sealed', ...ABOUT, attempt: 1, durationMs: 40 }]);
  });

  it('tell of a takeover, and of the owner that comes back too late', async () => {
    const policy = { onCrash: 'RERUN' } as const;
    const owner = await pausedOwner({ policy });
    await clock.advance(LEASE_MS + 1);
    await execute(engine, request({ policy }));
    expect(events).toEqual([
      { type: 'claimed', ...ABOUT, attempt: 2, durationMs: 0, previous: 'lapsed' },
      { type: 'takeover', ...ABOUT, attempt: 2 },
    ]);
    owner.finish(outcome('late'));
    await owner.answered;
    expect(owner.events).toContainEqual({ type: 'stale', ...ABOUT, attempt: 1 });
  });

  it('do not call a released record a takeover', async () => {
    const recover = (): Promise<'RERUN'> => Promise.resolve('RERUN');
    const run = (): Promise<ReturnType<typeof failure>> => Promise.resolve(failure('boom'));
    await codeOf(execute(engine, request({ recover, run })));
    await execute(engine, request({ recover }));
    expect(events.map(({ type }) => type)).toEqual(['claimed', 'released', 'claimed']);
    expect(events[2]).toMatchObject({ attempt: 2, previous: 'released' });
  });

  it('tell of a duplicate that waited in the same process, in vain or not', async () => {
    const gate = deferred<Outcome<string>>();
    const first = execute(engine, request({ run: () => gate.promise }));
    await settle();
    const patient = execute(engine, request());
    const hasty = codeOf(execute(engine, request({ policy: { waitMs: 10 } })));
    await clock.advance(10);
    expect(await hasty).toBe('IDEMPOTENCY_CONCURRENT_REQUEST');
    await clock.advance(5);
    gate.resolve(outcome('done'));
    await Promise.all([first, patient]);
    expect(events.slice(1)).toEqual([
      { type: 'waited', ...ABOUT, durationMs: 10, ended: false },
      { type: 'waited', ...ABOUT, durationMs: 15, ended: true },
    ]);
  });

  it('tell of a duplicate that waited for another process', async () => {
    const owner = await pausedOwner();
    const patient = execute(engine, request());
    await settle();
    await clock.advance(20);
    owner.finish(outcome('done'));
    await patient;
    expect(events).toEqual([{ type: 'waited', ...ABOUT, durationMs: 20, ended: true }]);
  });

  it('tell of a key that was used with other arguments', async () => {
    await execute(engine, request());
    await codeOf(execute(engine, request({ fingerprint: 'g'.repeat(43) })));
    expect(events.slice(1)).toEqual([{ type: 'mismatch', ...ABOUT }]);
  });

  it('tell of a store that is away, before the resolver ran and after', async () => {
    let away = true;
    const one = openEngine(
      faulty(store, () => (away ? 'reject' : undefined)),
      clock,
      events,
    );
    await codeOf(execute(one, request()));
    const error = expect.any(Error) as unknown;
    expect(events).toEqual([{ type: 'storeFailure', ...ABOUT, error }]);
    away = false;
    const run = (): Promise<Outcome<string>> => {
      away = true;
      return Promise.resolve(outcome('done'));
    };
    await execute(one, request({ key: 'k2', run }));
    const recordId = recordIdOf('alice', 'Mutation.pay', 'k2');
    const about = { ...ABOUT, recordId, attempt: 1 };
    expect(events.at(-1)).toEqual({ type: 'notStored', ...about, final: false, error });
  });
});

describe('a source of events', () => {
  const event: IdempotencyEvent = { type: 'storeSetting', problem: 'none' };

  it('makes none while nobody listens', () => {
    const source = createEvents(undefined);
    let made = 0;
    source.listener?.({ type: 'storeSetting', problem: String((made += 1)) });
    expect(made).toBe(0);
  });

  it('tells whoever has subscribed to the diagnostics channel, from then on until then', () => {
    const source = createEvents();
    const heard: unknown[] = [];
    const hear = (message: unknown): void => void heard.push(message);
    subscribe(EVENTS_CHANNEL, hear);
    source.listener?.(event);
    unsubscribe(EVENTS_CHANNEL, hear);
    source.listener?.(event);
    expect(source.listener).toBeUndefined();
    expect(heard).toEqual([event]);
  });

  it('tells the others when a listener throws', () => {
    const heard: unknown[] = [];
    const source = createEvents(
      () => {
        throw new Error('listener');
      },
      (told) => heard.push(told),
    );
    expect(() => source.listener?.(event)).not.toThrow();
    expect(heard).toEqual([event]);
  });

  it('lets no listener change what happens to a request', async () => {
    const throwing = new Engine({
      store,
      storeTimeoutMs: 1_000,
      events: createEvents(() => {
        throw new Error('listener');
      }),
      randomBytes: (size) => Buffer.alloc(size, 1),
      clock,
    });
    expect(await execute(throwing, request())).toMatchObject({ kind: 'executed', answer: 'done' });
    expect(await execute(throwing, request())).toMatchObject({ kind: 'replayed' });
  });
});
