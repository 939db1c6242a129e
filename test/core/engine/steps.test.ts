import type { Engine } from '../../../src/core/engine/engine.js';
import {
  MemoryStore,
  type Execution,
  type IdempotencyEvent,
  type IdempotencyStore,
} from '../../../src/index.js';
import {
  deferred,
  LEASE_MS,
  openEngine,
  outcome,
  request,
  textOf,
} from '../../support/executions.js';
import { faulty } from '../../support/faulty-store.js';
import { ManualClock, settle } from '../../support/manual-clock.js';
import { execute as executeOn } from '../../support/execute.js';

describe('steps (G23)', () => {
  let clock: ManualClock;
  let store: MemoryStore;
  let events: IdempotencyEvent[];
  /** The steps that ran, in order. */
  let ran: string[];

  beforeEach(() => {
    clock = new ManualClock();
    store = new MemoryStore({ clock });
    events = [];
    ran = [];
  });

  function engine(over: IdempotencyStore = store, time = clock): Engine {
    return openEngine(over, time, events);
  }

  /** Runs a resolver with `act`; what `act` throws is its failure. */
  async function execute(
    act: (execution: Execution) => Promise<unknown>,
    { over = engine(), onCrash = 'RERUN', onError = 'RELEASE' }: ExecuteOptions = {},
  ): Promise<unknown> {
    const answer = await executeOn(
      over,
      request({
        policy: { onCrash, onError },
        run: async (execution) => {
          try {
            return outcome(String(await act(execution)));
          } catch (error) {
            return { kind: 'failure', error, declined: false };
          }
        },
      }),
    );
    return textOf(answer);
  }

  interface ExecuteOptions {
    over?: Engine;
    onCrash?: 'REJECT' | 'RERUN';
    onError?: 'RELEASE' | 'SEAL';
  }

  /** A step that notes that it ran and returns `value`. */
  const noting =
    <T>(name: string, value: T) =>
    (): T => {
      ran.push(name);
      return value;
    };

  /** Runs `act` in a process that dies while it waits for what never comes. */
  async function crashIn(act: (execution: Execution) => Promise<unknown>): Promise<void> {
    void execute(act, { over: engine(store, new ManualClock()) });
    await settle();
    await clock.advance(LEASE_MS + 1);
  }

  const forever = (): Promise<never> => new Promise(() => undefined);

  it('are not run again after a failure, and keep the types of their values', async () => {
    const values = [undefined, null, 7n, new Date(0), new Map([['a', new Set([1])]]), Buffer.of(1)];
    const first = execute(async ({ step }) => {
      for (const [index, value] of values.entries()) {
        expect(await step(`s${String(index)}`, noting('s', value))).toEqual(value);
      }
      throw new Error('failure');
    });
    await expect(first).rejects.toThrow('failure');
    const answer = await execute(async ({ step, attempt }) => {
      for (const [index, value] of values.entries()) {
        expect(await step(`s${String(index)}`, noting('again', undefined as unknown))).toEqual(
          value,
        );
      }
      return attempt;
    });
    expect(answer).toBe('2');
    expect(ran).toEqual(values.map(() => 's'));
  });

  it('are not run again after a failure that did not wait for them', async () => {
    const charged = deferred<number>();
    const both = ({ step }: Execution): Promise<unknown> =>
      Promise.all([
        step('charge', () => {
          ran.push('charge');
          return charged.promise;
        }),
        step('mail', () => {
          ran.push('mail');
          if (ran.length === 2) throw new Error('mail');
          return 'sent';
        }),
      ]);
    const over = engine();
    const first = execute(both, { over });
    first.catch(() => undefined);
    await settle();
    // Longer than a call of the store, and than a lease: the claim is renewed meanwhile.
    for (let thirds = 0; thirds < 6; thirds += 1) await clock.advance(LEASE_MS / 3);
    const retry = execute(both, { over: engine() });
    await settle();
    expect(ran).toEqual(['charge', 'mail']);
    charged.resolve(7);
    await expect(first).rejects.toThrow('mail');
    await clock.advance(1_000);
    expect(await retry).toBe('7,sent');
    expect(ran).toEqual(['charge', 'mail', 'mail']);
  });

  it('are not run beside themselves when the resolver runs again under its claim', async () => {
    const charged = deferred<number>();
    const over = engine();
    const attempt = await over.begin(request({ policy: { onError: 'RELEASE' } }));
    if (attempt.kind === 'replayed') throw new Error('There was no record.');
    const charge = (): Promise<number> =>
      attempt.execution.step('charge', () => {
        ran.push('charge');
        return charged.promise;
      });
    const first = charge();
    attempt.again();
    const second = charge();
    await settle();
    expect(ran).toEqual(['charge']);
    charged.resolve(7);
    expect(await Promise.all([first, second])).toEqual([7, 7]);
    expect(ran).toEqual(['charge']);
    await attempt.complete('value', new Uint8Array());
  });

  it('are not run again after a crash; the one in flight is', async () => {
    await crashIn(async ({ step }) => {
      await step('one', noting('one', 1));
      await step('two', () => {
        ran.push('two');
        return forever();
      });
    });
    const answer = await execute(async ({ step }) => {
      const one = await step('one', noting('one', 0));
      return one + (await step('two', noting('two', 2)));
    });
    expect(answer).toBe('3');
    expect(ran).toEqual(['one', 'two', 'two']);
  });

  it('cost one round trip, and at most once two', async () => {
    const calls: string[] = [];
    const counted = engine(
      faulty(store, (method) => {
        calls.push(method);
        return undefined;
      }),
    );
    await execute(
      async ({ step }) => {
        await step('one', () => 1);
        await step('two', () => 2, { atMostOnce: true });
      },
      { over: counted },
    );
    expect(calls).toEqual(['begin', 'step', 'step', 'step', 'complete']);
  });

  it('at most once: a step that was begun is not begun again', async () => {
    await crashIn(({ step }) => step('charge', forever, { atMostOnce: true }));
    const retry = (): Promise<unknown> =>
      execute(({ step }) => step('charge', noting('charge', 1), { atMostOnce: true }));
    for (let time = 0; time < 2; time += 1) {
      await expect(retry()).rejects.toMatchObject({
        code: 'IDEMPOTENCY_OUTCOME_UNKNOWN',
        message: expect.stringContaining('"charge"') as string,
      });
    }
    expect(ran).toEqual([]);
    // The resolver may know better.
    const settled = await execute(async ({ step }) => {
      return step('charge', noting('charge', 1)).catch(() => 'looked up');
    });
    expect(settled).toBe('looked up');
  });

  it('at most once: one that failed is not tried again, one with a value is recalled', async () => {
    const failing = execute(({ step }) =>
      step('charge', () => Promise.reject(new Error('timeout')), { atMostOnce: true }),
    );
    await expect(failing).rejects.toThrow('timeout');
    await expect(execute(({ step }) => step('charge', noting('charge', 1)))).rejects.toMatchObject({
      code: 'IDEMPOTENCY_OUTCOME_UNKNOWN',
    });
    expect(ran).toEqual([]);
  });

  it('at most once: a step that cannot be marked does not run', async () => {
    for (const fault of ['reject', 'hang', 'loseReply'] as const) {
      store = new MemoryStore({ clock });
      const over = engine(faulty(store, (method) => (method === 'step' ? fault : undefined)));
      const refused = execute(
        ({ step }) => step('charge', noting('charge', 1), { atMostOnce: true }),
        { over },
      );
      const refusal = refused.catch((error: unknown) => error);
      await clock.advance(1_001);
      expect(await refusal).toMatchObject({
        code: 'IDEMPOTENCY_STORE_UNAVAILABLE',
        retryable: true,
      });
    }
    expect(ran).toEqual([]);
  });

  it('are errors of the programmer when a name is bad or used twice', async () => {
    await execute(async ({ step }) => {
      await step('one', noting('one', 1));
      await expect(step('one', noting('one', 2))).rejects.toThrow('already used');
      for (const name of ['', 'x'.repeat(256), '\ud800', 7 as never, null as never]) {
        await expect(step(name, noting('bad', 1))).rejects.toThrow(RangeError);
      }
      return step('__proto__', noting('proto', 1));
    });
    expect(ran).toEqual(['one', 'proto']);
  });

  it('may be tried again within an attempt when they failed', async () => {
    await execute(async ({ step }) => {
      await expect(step('one', () => Promise.reject(new Error('once')))).rejects.toThrow('once');
      return step('one', noting('one', 1));
    });
    expect(ran).toEqual(['one']);
  });

  it('may run beside each other', async () => {
    const act = async ({ step }: Execution): Promise<string> => {
      const all = await Promise.all(['a', 'b', 'c'].map((name) => step(name, noting(name, name))));
      return all.join('');
    };
    const first = execute(async (execution) => {
      await act(execution);
      throw new Error('failure');
    });
    await expect(first).rejects.toThrow('failure');
    expect(await execute(act)).toBe('abc');
    expect(ran).toEqual(['a', 'b', 'c']);
  });

  it('end with the execution', async () => {
    let late: Execution | undefined;
    await execute((execution) => {
      late = execution;
      return Promise.resolve('done');
    });
    await expect(late?.step('late', noting('late', 1))).rejects.toThrow('has ended');
    expect(ran).toEqual([]);
  });

  it('are bounded in number and size', async () => {
    await execute(async ({ step }) => {
      for (let index = 0; index < 1_000; index += 1) await step(String(index), () => index);
      await expect(step('one more', noting('more', 1))).rejects.toThrow('at most 1000 steps');
    });
    expect(ran).toEqual([]);
    const big = 'x'.repeat(1_000_000);
    const second = createEngineRequest();
    await expect(
      second(async ({ step }) => {
        for (const name of ['a', 'b', 'c', 'd', 'e']) {
          expect(await step(name, () => big)).toBe(big);
        }
        throw new Error('failure');
      }),
    ).rejects.toThrow('failure');
    expect(events).toContainEqual(
      expect.objectContaining({
        type: 'unavailable',
        reason: expect.stringContaining('Step "e"') as string,
      }),
    );
    await second(async ({ step }) => {
      expect(await step('a', noting('a', ''))).toBe(big);
      await expect(step('e', noting('e', ''))).rejects.toMatchObject({
        code: 'IDEMPOTENCY_RESULT_UNAVAILABLE',
      });
    });
    expect(ran).toEqual([]);
  });

  function createEngineRequest(): (
    act: (execution: Execution) => Promise<unknown>,
  ) => Promise<unknown> {
    store = new MemoryStore({ clock });
    const over = engine(store);
    return (act) => execute(act, { over });
  }

  it('whose value cannot be kept are not run again', async () => {
    const unkept = (): unknown => ({ client: { close: () => 'a function' } });
    await expect(execute(({ step }) => step('one', unkept))).rejects.toThrow(
      'step "one": its value contains a function at client.close. Return the data that later code needs.',
    );
    await expect(execute(({ step }) => step('one', noting('one', 1)))).rejects.toMatchObject({
      code: 'IDEMPOTENCY_RESULT_UNAVAILABLE',
    });
    expect(ran).toEqual([]);
  });

  it('go on when the store is away, and are recorded before the claim is given up', async () => {
    let away = true;
    const flaky = engine(
      faulty(store, (method) => (away && method === 'step' ? 'reject' : undefined)),
    );
    const first = execute(
      async ({ step }) => {
        expect(await step('one', noting('one', 1))).toBe(1);
        throw new Error('failure');
      },
      { over: flaky },
    );
    const failure = first.catch((error: unknown) => error);
    await clock.advance(1_500);
    expect(await failure).toEqual(new Error('failure'));
    expect(events).toContainEqual(expect.objectContaining({ type: 'storeFailure' }));
    away = false;
    await clock.advance(10_000);
    expect(await execute(({ step }) => step('one', noting('one', 0)))).toBe('1');
    expect(ran).toEqual(['one']);
  });

  it('of an owner that was displaced do not run, and its client gets the other answer', async () => {
    const gate = deferred<undefined>();
    const paused = new ManualClock();
    const first = execute(
      async ({ step, signal }) => {
        await step('one', noting('one', 1));
        await gate.promise;
        await expect(step('two', noting('two by the first', 2))).rejects.toThrow('lost');
        expect(signal.aborted).toBe(true);
        return step('three', noting('three by the first', 3));
      },
      { over: engine(store, paused) },
    );
    await settle();
    await clock.advance(LEASE_MS + 1);
    const second = await execute(async ({ step, attempt }) => {
      await step('one', noting('one again', 1));
      return `attempt ${String(attempt)}`;
    });
    expect(second).toBe('attempt 2');
    gate.resolve(undefined);
    expect(await first).toBe('attempt 2');
    // Its own value of the second step is not in the record any more.
    expect(ran).toEqual(['one', 'two by the first']);
  });
});
