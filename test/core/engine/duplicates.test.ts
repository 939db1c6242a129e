import type { Engine } from '../../../src/core/engine/engine.js';
import { MemoryStore, type IdempotencyEvent } from '../../../src/index.js';
import {
  codeOf,
  deferred,
  LEASE_MS,
  openEngine,
  outcome,
  request,
} from '../../support/executions.js';
import { faulty } from '../../support/faulty-store.js';
import { ManualClock, settle } from '../../support/manual-clock.js';
import { type Outcome, execute } from '../../support/execute.js';

const MANY = 300;
const OTHER = 'g'.repeat(43);

let clock: ManualClock;
let store: MemoryStore;
let events: IdempotencyEvent[];
let begins: number;
let engine: Engine;

beforeEach(() => {
  clock = new ManualClock();
  store = new MemoryStore({ clock });
  events = [];
  begins = 0;
  engine = openEngine(
    faulty(store, (method) => {
      if (method === 'begin') begins += 1;
      return undefined;
    }),
    clock,
    events,
  );
});

async function codesOf(requests: readonly Promise<unknown>[]): Promise<Set<unknown>> {
  return new Set(await Promise.all(requests.map(codeOf)));
}

const many = (overrides: Parameters<typeof request>[0] = {}): Promise<unknown>[] =>
  Array.from({ length: MANY }, () => execute(engine, request(overrides)));

describe('duplicates with other arguments (G4)', () => {
  it('are refused without asking while the first runs in the same process', async () => {
    const gate = deferred<Outcome<string>>();
    const first = execute(engine, request({ run: () => gate.promise }));
    await settle();
    expect(await codesOf(many({ fingerprint: OTHER }))).toEqual(
      new Set(['IDEMPOTENCY_KEY_PARAMETER_MISMATCH']),
    );
    expect(begins).toBe(1);
    expect(events.filter(({ type }) => type === 'mismatch')).toHaveLength(MANY);
    gate.resolve(outcome('done'));
    await first;
  });

  it.each(['REJECT', 'RERUN'] as const)(
    'are asked about twice when they come together, under onCrash: %s',
    async (onCrash) => {
      const policy = { onCrash };
      const elsewhere = openEngine(store, new ManualClock(), []);
      await execute(elsewhere, request({ policy }));
      expect(await codesOf(many({ fingerprint: OTHER, policy }))).toEqual(
        new Set(['IDEMPOTENCY_KEY_PARAMETER_MISMATCH']),
      );
      // Once for the first, which the others came after, and once for all of these.
      expect(begins).toBe(2);
    },
  );

  it('are refused each by an error of its own', async () => {
    await execute(engine, request());
    const errors = await Promise.all(
      many({ fingerprint: OTHER }).map((one) => one.catch((error: unknown) => error)),
    );
    expect(new Set(errors).size).toBe(MANY);
  });

  it('may run once the first has failed', async () => {
    const failed = { kind: 'failure' as const, error: new Error('boom'), declined: false };
    await codeOf(execute(engine, request({ run: () => Promise.resolve(failed) })));
    expect(await execute(engine, request({ fingerprint: OTHER }))).toMatchObject({
      kind: 'executed',
    });
  });
});

describe('duplicates that come together', () => {
  it('are each told that the outcome is unknown', async () => {
    const doomed = openEngine(store, new ManualClock(), []);
    void execute(doomed, request({ run: () => new Promise(() => undefined) }));
    await settle();
    await clock.advance(LEASE_MS + 1);
    expect(await codesOf(many())).toEqual(new Set(['IDEMPOTENCY_OUTCOME_UNKNOWN']));
  });

  it.each([0, 1, 5_000])(
    'are all answered from a completed record, with waitMs: %s (G8)',
    async (waitMs) => {
      await execute(openEngine(store, clock, []), request());
      const slow = openEngine(
        new Proxy(store, {
          get(target, name) {
            const member: unknown = Reflect.get(target, name);
            if (name !== 'begin') return member;
            return async (...args: Parameters<MemoryStore['begin']>) => {
              await new Promise<void>((resolve) => clock.schedule(500, resolve));
              return target.begin(...args);
            };
          },
        }),
        clock,
        events,
      );
      const answers = ['one', 'two', 'three'].map(() =>
        execute(slow, request({ policy: { waitMs } })),
      );
      await clock.advance(500);
      for (const answer of answers) expect(await answer).toMatchObject({ kind: 'replayed' });
    },
  );

  it('with waitMs: 0 are refused once the first is known to run', async () => {
    const gate = deferred<Outcome<string>>();
    const first = execute(engine, request({ run: () => gate.promise }));
    // The store has not even been asked.
    const together = codeOf(execute(engine, request({ policy: { waitMs: 0 } })));
    await settle();
    expect(await together).toBe('IDEMPOTENCY_CONCURRENT_REQUEST');
    gate.resolve(outcome('done'));
    await first;
  });
});
