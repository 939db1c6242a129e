import type { Engine } from '../../../src/core/engine/engine.js';
import {
  IdempotencyError,
  MemoryStore,
  type IdempotencyEvent,
  type IdempotencyStore,
} from '../../../src/index.js';
import {
  codeOf,
  deferred,
  failure,
  LEASE_MS,
  openEngine,
  outcome,
  request,
  textOf,
} from '../../support/executions.js';
import { faulty } from '../../support/faulty-store.js';
import { ManualClock, settle } from '../../support/manual-clock.js';
import { type Failure, type Outcome, execute } from '../../support/execute.js';

let clock: ManualClock;
let store: MemoryStore;
let events: IdempotencyEvent[];
let calls: number;

beforeEach(() => {
  clock = new ManualClock();
  store = new MemoryStore({ clock });
  events = [];
  calls = 0;
});

function open(over: IdempotencyStore = store, time = clock): Engine {
  return openEngine(over, time, events);
}

const counting = (): Promise<Outcome<string>> => {
  calls += 1;
  return Promise.resolve(outcome('done'));
};

/** A process that claims and then dies. */
async function crash(): Promise<void> {
  const doomed = openEngine(store, new ManualClock(), []);
  void execute(doomed, request({ run: () => new Promise(() => undefined) }));
  await settle();
  await clock.advance(LEASE_MS + 1);
}

describe('what is thrown', () => {
  it.each(['begin', 'complete', 'release', 'renew', 'peek'])(
    'by a store from %s is as if it had rejected',
    async (broken) => {
      let faults = 2;
      const one = open(
        faulty(store, (method) => (method === broken && (faults -= 1) >= 0 ? 'throw' : undefined)),
      );
      const run = async (): Promise<Outcome<string> | Failure> => {
        await clock.advance(LEASE_MS);
        return broken === 'release' ? failure('boom') : outcome('done');
      };
      const code = await codeOf(execute(one, request({ run })));
      if (broken === 'begin') expect(code).toBe('IDEMPOTENCY_STORE_UNAVAILABLE');
      await clock.advance(4 * LEASE_MS);
      expect(await execute(open(), request({ run: counting }))).toMatchObject({
        kind: /begin|release/.test(broken) ? 'executed' : 'replayed',
      });
    },
  );
});

describe('an owner that was taken over while its successor runs', () => {
  /** One that has ended while the store was away from it, and another that still runs. */
  async function overtaken(ended: Outcome<string> | Failure): Promise<Promise<unknown>> {
    const policy = { onCrash: 'RERUN' as const };
    const gate = deferred<Outcome<string> | Failure>();
    const asleep = new ManualClock();
    let away = false;
    const slow = open(
      faulty(store, (method) => (away && method === 'peek' ? 'reject' : undefined)),
      asleep,
    );
    const first = execute(slow, request({ policy, run: () => gate.promise }));
    await settle();
    await clock.advance(LEASE_MS + 1);
    void execute(open(), request({ policy, run: () => new Promise(() => undefined) }));
    await settle();
    await asleep.advance(LEASE_MS);
    away = true;
    gate.resolve(ended);
    return first;
  }

  it('gives its answer, unstored, when the record cannot be looked at (G13)', async () => {
    expect(await overtaken(outcome('from the first'))).toMatchObject({
      kind: 'executed',
      answer: 'from the first',
      stored: false,
    });
    expect(events).toContainEqual(expect.objectContaining({ type: 'notStored', final: true }));
  });

  it('says what it failed of, and not that it did nothing', async () => {
    await expect(overtaken(failure('boom'))).rejects.toThrow('boom');
  });
});

describe('onError: SEAL (G10)', () => {
  const policy = { onError: 'SEAL' } as const;

  it.each<[string, Error]>([
    ['an error of the resolver', new Error('boom')],
    ['one of our own', new IdempotencyError('IDEMPOTENCY_STORE_UNAVAILABLE', 'a step')],
  ])('does not run again after %s', async (_, error) => {
    const run = (): Promise<Failure> => {
      calls += 1;
      return Promise.resolve({ kind: 'failure', error, declined: false });
    };
    const first = await execute(open(), request({ policy, run })).catch(
      (thrown: unknown) => thrown,
    );
    // What it is told is what every retry is told.
    if (IdempotencyError.is(error)) {
      expect(first).toMatchObject({ code: 'IDEMPOTENCY_PREVIOUS_ATTEMPT_FAILED', cause: error });
    } else {
      expect(first).toBe(error);
    }
    expect(await codeOf(execute(open(), request({ policy, run })))).toBe(
      'IDEMPOTENCY_PREVIOUS_ATTEMPT_FAILED',
    );
    expect(calls).toBe(1);
  });
});

describe('a recover function', () => {
  it('whose failure leaves the outcome unknown is told of in an event', async () => {
    await crash();
    const cause = new TypeError('The ledger is away.');
    const recover = (): Promise<never> => Promise.reject(cause);
    expect(await codeOf(execute(open(), request({ recover, run: counting })))).toBe(
      'IDEMPOTENCY_OUTCOME_UNKNOWN',
    );
    expect(events).toContainEqual(
      expect.objectContaining({ type: 'recoverFailed', attempt: 2, error: cause }),
    );
  });

  it('that says UNKNOWN is believed without an event', async () => {
    await crash();
    const recover = (): Promise<'UNKNOWN'> => Promise.resolve('UNKNOWN');
    await codeOf(execute(open(), request({ recover, run: counting })));
    expect(events.map(({ type }) => type)).not.toContain('recoverFailed');
  });

  it('is asked once for all duplicates of a process', async () => {
    await crash();
    let asked = 0;
    const recover = async (): Promise<'UNKNOWN'> => {
      asked += 1;
      await settle();
      return 'UNKNOWN';
    };
    const one = open();
    const codes = await Promise.all(
      Array.from({ length: 50 }, () => codeOf(execute(one, request({ recover, run: counting })))),
    );
    expect(new Set(codes)).toEqual(new Set(['IDEMPOTENCY_OUTCOME_UNKNOWN']));
    expect(asked).toBe(1);
  });
});

describe('an answer', () => {
  it('is stored, and replayed with its text', async () => {
    expect(textOf(await execute(open(), request({ run: counting })))).toBe('done');
    expect(textOf(await execute(open(), request({ run: counting })))).toBe('done');
    expect(calls).toBe(1);
  });
});
