import type { Engine } from '../../../src/core/engine/engine.js';
import { MemoryStore, type IdempotencyEvent, type IdempotencyStore } from '../../../src/index.js';
import {
  codeOf,
  deferred,
  LEASE_MS,
  openEngine,
  outcome,
  request,
  textOf,
  type RequestOverrides,
} from '../../support/executions.js';
import { faulty } from '../../support/faulty-store.js';
import { ManualClock, settle } from '../../support/manual-clock.js';
import { type Outcome, execute } from '../../support/execute.js';

describe('the engine', () => {
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

  function engine(over: IdempotencyStore = store, time = clock): Engine {
    return openEngine(over, time, events);
  }

  const counting =
    (text = 'done') =>
    (): Promise<Outcome<string>> => {
      calls += 1;
      return Promise.resolve(outcome(text));
    };

  /** A process that claims and then dies: its resolver never returns and nothing renews. */
  async function crash(overrides: RequestOverrides = {}): Promise<void> {
    const doomed = openEngine(store, new ManualClock(), []);
    void execute(doomed, request({ ...overrides, run: () => new Promise(() => undefined) }));
    await settle();
  }

  describe('duplicates (G8)', () => {
    it('in one process share one execution and ask the store nothing', async () => {
      const gate = deferred<Outcome<string>>();
      let begins = 0;
      const one = engine(
        faulty(store, (method) => {
          if (method === 'begin') begins += 1;
          return undefined;
        }),
      );
      const run = (): Promise<Outcome<string>> => ((calls += 1), gate.promise);
      const answers = Array.from({ length: 200 }, () => execute(one, request({ run })));
      await settle();
      gate.resolve(outcome('once'));
      expect(new Set((await Promise.all(answers)).map(textOf))).toEqual(new Set(['once']));
      expect(calls).toBe(1);
      expect(begins).toBe(1);
    });

    it('in two processes share one execution', async () => {
      const gate = deferred<Outcome<string>>();
      const run = (): Promise<Outcome<string>> => ((calls += 1), gate.promise);
      const engines = [engine(), engine()];
      const answers = Array.from({ length: 100 }, (_, index) =>
        execute(engines[index % 2] as Engine, request({ run })),
      );
      await settle();
      gate.resolve(outcome('once'));
      expect(new Set((await Promise.all(answers)).map(textOf))).toEqual(new Set(['once']));
      expect(calls).toBe(1);
    });

    it('are told to retry once waitMs have passed', async () => {
      const [one, two] = [engine(), engine()];
      const gate = deferred<Outcome<string>>();
      const first = execute(one, request({ run: () => gate.promise }));
      await settle();
      const local = codeOf(execute(one, request()));
      const remote = codeOf(execute(two, request()));
      await clock.advance(6_000);
      expect(await local).toBe('IDEMPOTENCY_CONCURRENT_REQUEST');
      expect(await remote).toBe('IDEMPOTENCY_CONCURRENT_REQUEST');
      gate.resolve(outcome('late'));
      expect(textOf(await first)).toBe('late');
    });

    it('are refused at once with waitMs 0', async () => {
      const gate = deferred<Outcome<string>>();
      const [one, two] = [engine(), engine()];
      const first = execute(one, request({ run: () => gate.promise }));
      await settle();
      const impatient = request({ policy: { waitMs: 0 } });
      expect(await codeOf(execute(one, impatient))).toBe('IDEMPOTENCY_CONCURRENT_REQUEST');
      expect(await codeOf(execute(two, impatient))).toBe('IDEMPOTENCY_CONCURRENT_REQUEST');
      gate.resolve(outcome('done'));
      await first;
    });

    it('with other arguments are refused while the first runs (G4)', async () => {
      const gate = deferred<Outcome<string>>();
      const one = engine();
      const first = execute(one, request({ run: () => gate.promise }));
      await settle();
      const other = request({ fingerprint: 'g'.repeat(43), run: counting() });
      expect(await codeOf(execute(one, other))).toBe('IDEMPOTENCY_KEY_PARAMETER_MISMATCH');
      gate.resolve(outcome('done'));
      await first;
      expect(calls).toBe(0);
    });

    it('run again after a failure, one at a time', async () => {
      const one = engine();
      let running = 0;
      const run = async (): Promise<
        Outcome<string> | { kind: 'failure'; error: Error; declined: false }
      > => {
        calls += 1;
        running += 1;
        expect(running).toBe(1);
        await settle();
        running -= 1;
        return calls < 3
          ? { kind: 'failure', error: new Error(`failure ${String(calls)}`), declined: false }
          : outcome('third');
      };
      const answers = await Promise.allSettled(
        Array.from({ length: 5 }, () => execute(one, request({ run }))),
      );
      expect(calls).toBe(3);
      expect(answers.filter(({ status }) => status === 'rejected')).toHaveLength(2);
    });
  });

  describe('after a crash (G11)', () => {
    it('tells a retry that the outcome is unknown, and never runs again', async () => {
      await crash();
      await clock.advance(LEASE_MS + 1);
      expect(await codeOf(execute(engine(), request({ run: counting() })))).toBe(
        'IDEMPOTENCY_OUTCOME_UNKNOWN',
      );
      expect(calls).toBe(0);
    });

    it('waits for the lease before it says so', async () => {
      await crash();
      const retry = codeOf(execute(engine(), request({ run: counting() })));
      await clock.advance(LEASE_MS + 600);
      expect(await retry).toBe('IDEMPOTENCY_OUTCOME_UNKNOWN');
    });

    it('runs again with RERUN, as a later attempt with a larger fence', async () => {
      await crash({ policy: { onCrash: 'RERUN' } });
      await clock.advance(LEASE_MS + 1);
      const answer = await execute(
        engine(),
        request({ run: counting(), policy: { onCrash: 'RERUN' } }),
      );
      expect(answer.kind).toBe('executed');
      expect(answer.outcome.attempt).toBe(2);
      expect(calls).toBe(1);
    });

    it('asks recover, and stores what it found', async () => {
      await crash();
      await clock.advance(LEASE_MS + 1);
      const recover = jest.fn(() => Promise.resolve(outcome('found')));
      const retry = request({ run: counting(), recover });
      expect(textOf(await execute(engine(), retry))).toBe('found');
      expect(textOf(await execute(engine(), retry))).toBe('found');
      expect(recover).toHaveBeenCalledTimes(1);
      expect(calls).toBe(0);
    });

    it('runs when recover says that nothing happened', async () => {
      await crash();
      await clock.advance(LEASE_MS + 1);
      const recover = (): Promise<'RERUN'> => Promise.resolve('RERUN');
      expect(textOf(await execute(engine(), request({ run: counting(), recover })))).toBe('done');
      expect(calls).toBe(1);
    });

    it.each(['UNKNOWN', 'throws'])('stays unknown when recover says %s', async (reply) => {
      await crash();
      await clock.advance(LEASE_MS + 1);
      const recover = (): Promise<'UNKNOWN'> =>
        reply === 'throws' ? Promise.reject(new Error('no')) : Promise.resolve('UNKNOWN');
      const one = engine();
      expect(await codeOf(execute(one, request({ run: counting(), recover })))).toBe(
        'IDEMPOTENCY_OUTCOME_UNKNOWN',
      );
      expect(await codeOf(execute(one, request({ run: counting() })))).toBe(
        'IDEMPOTENCY_OUTCOME_UNKNOWN',
      );
      expect(calls).toBe(0);
    });

    it('asks recover again when the attempt that it sent to run was turned down', async () => {
      await crash();
      await clock.advance(LEASE_MS + 1);
      const recover = jest
        .fn<Promise<Outcome<string> | 'RERUN'>, []>()
        .mockResolvedValueOnce('RERUN')
        .mockResolvedValueOnce(outcome('found'));
      const turnedDown = { kind: 'failure' as const, error: new Error('no'), declined: true };
      const one = engine();
      await expect(
        execute(one, request({ run: () => Promise.resolve(turnedDown), recover })),
      ).rejects.toThrow('no');
      expect(textOf(await execute(one, request({ run: counting(), recover })))).toBe('found');
      expect(calls).toBe(0);
    });

    it('stores an outcome after all when the record that was taken over is given back', async () => {
      const gate = deferred<Outcome<string>>();
      const policy = { onCrash: 'RERUN' as const };
      const asleep = new ManualClock();
      const slow = engine(store, asleep);
      const first = execute(slow, request({ policy, run: () => gate.promise }));
      await settle();
      await clock.advance(LEASE_MS + 1);
      // The claim that takes over is made, but its reply is lost.
      const other = engine(
        faulty(store, (method) => (method === 'begin' ? 'loseReply' : undefined)),
      );
      const refused = codeOf(execute(other, request({ policy, run: counting() })));
      await settle();
      gate.resolve(outcome('from the first'));
      await settle();
      await clock.advance(1_001);
      expect(await refused).toBe('IDEMPOTENCY_STORE_UNAVAILABLE');
      await asleep.advance(1_001);
      expect(await first).toMatchObject({ answer: 'from the first', stored: true });
      const retried = await execute(engine(), request({ policy, run: counting() }));
      expect(textOf(retried)).toBe('from the first');
      expect(calls).toBe(0);
    });

    it('asks recover after a failure too, and not on the first attempt', async () => {
      const recover = jest.fn(() => Promise.resolve(outcome('found')));
      const failure = { kind: 'failure' as const, error: new Error('boom'), declined: false };
      const one = engine();
      await expect(
        execute(one, request({ run: () => Promise.resolve(failure), recover })),
      ).rejects.toThrow('boom');
      expect(recover).not.toHaveBeenCalled();
      expect(textOf(await execute(one, request({ run: counting(), recover })))).toBe('found');
    });
  });

  describe('a long execution', () => {
    it('is renewed while it runs', async () => {
      const gate = deferred<Outcome<string>>();
      const first = execute(engine(), request({ run: () => gate.promise }));
      await clock.advance(10 * LEASE_MS);
      expect(await codeOf(execute(engine(), request({ policy: { waitMs: 0 } })))).toBe(
        'IDEMPOTENCY_CONCURRENT_REQUEST',
      );
      gate.resolve(outcome('done'));
      await first;
      await clock.advance(LEASE_MS);
      expect(clock.pending).toBe(0);
    });

    it('that nobody replaced may complete after its lease', async () => {
      const gate = deferred<Outcome<string>>();
      const paused = engine(faulty(store, (method) => (method === 'renew' ? 'reject' : undefined)));
      const first = execute(paused, request({ run: () => gate.promise }));
      await clock.advance(2 * LEASE_MS);
      expect(await codeOf(execute(engine(), request()))).toBe('IDEMPOTENCY_OUTCOME_UNKNOWN');
      gate.resolve(outcome('late'));
      expect(textOf(await first)).toBe('late');
      expect(textOf(await execute(engine(), request()))).toBe('late');
    });

    it("that was replaced is aborted, and its client gets the winner's outcome", async () => {
      const gate = deferred<Outcome<string>>();
      let signal: AbortSignal | undefined;
      let silent = true;
      const paused = engine(
        faulty(store, (method) => (method === 'renew' && silent ? 'reject' : undefined)),
      );
      const policy = { onCrash: 'RERUN' as const };
      const first = execute(
        paused,
        request({
          policy,
          run: (execution) => {
            signal = execution.signal;
            return gate.promise;
          },
        }),
      );
      await clock.advance(LEASE_MS + 1);
      const winner = await execute(engine(), request({ policy, run: counting('winner') }));
      expect(textOf(winner)).toBe('winner');
      silent = false;
      await clock.advance(LEASE_MS);
      expect(signal?.aborted).toBe(true);
      gate.resolve(outcome('loser'));
      expect(textOf(await first)).toBe('winner');
      expect(events).toContainEqual(expect.objectContaining({ type: 'stale', attempt: 1 }));
    });
  });

  describe('when the store fails', () => {
    it.each(['reject', 'hang'] as const)('does not run if begin should %s (G12)', async (fault) => {
      const broken = engine(faulty(store, (method) => (method === 'begin' ? fault : undefined)));
      const answered = codeOf(execute(broken, request({ run: counting() })));
      await clock.advance(1_001);
      expect(await answered).toBe('IDEMPOTENCY_STORE_UNAVAILABLE');
      expect(calls).toBe(0);
    });

    it('answers with the outcome and stores it later (G13)', async () => {
      let away = true;
      const flaky = engine(
        faulty(store, (method) => (away && method === 'complete' ? 'reject' : undefined)),
      );
      const answer = await execute(flaky, request({ run: counting() }));
      expect(answer).toMatchObject({ kind: 'executed', answer: 'done', stored: false });
      await clock.advance(3 * LEASE_MS);
      expect(await codeOf(execute(engine(), request({ policy: { waitMs: 0 } })))).toBe(
        'IDEMPOTENCY_CONCURRENT_REQUEST',
      );
      away = false;
      await clock.advance(5_001);
      expect(textOf(await execute(engine(), request({ run: counting() })))).toBe('done');
      expect(calls).toBe(1);
    });

    it('tells duplicates too that the outcome is not stored yet', async () => {
      const gate = deferred<Outcome<string>>();
      const flaky = engine(
        faulty(store, (method) => (method === 'complete' ? 'reject' : undefined)),
      );
      const first = execute(flaky, request({ run: () => gate.promise }));
      const second = execute(flaky, request());
      await settle();
      gate.resolve(outcome('done'));
      expect(await first).toMatchObject({ kind: 'executed', stored: false });
      expect(await second).toMatchObject({ kind: 'replayed', waited: true, stored: false });
    });

    it('takes a completion whose reply was lost for what it is', async () => {
      let losses = 1;
      const flaky = engine(
        faulty(store, (method) =>
          method === 'complete' && (losses -= 1) >= 0 ? 'loseReply' : undefined,
        ),
      );
      const answered = execute(flaky, request({ run: counting() }));
      await clock.advance(1_001);
      expect(await answered).toMatchObject({ answer: 'done', stored: false });
      await clock.advance(200);
      await flaky.drain(100);
      expect(textOf(await execute(engine(), request({ run: counting() })))).toBe('done');
      expect(calls).toBe(1);
    });

    it('gives up after a while and says so', async () => {
      const broken = engine(
        faulty(store, (method) => (method === 'complete' ? 'reject' : undefined)),
      );
      await execute(broken, request());
      await clock.advance(310_000);
      expect(events).toContainEqual(expect.objectContaining({ type: 'notStored', final: true }));
      expect(clock.pending).toBe(0);
    });
  });

  it('drains: executions in flight end and are stored', async () => {
    const gate = deferred<Outcome<string>>();
    const one = engine();
    const first = execute(one, request({ run: () => gate.promise }));
    const drained = one.drain(10_000);
    await settle();
    gate.resolve(outcome('done'));
    expect(await drained).toEqual({ executions: 0, writes: 0 });
    await first;
    const stuck = engine();
    void execute(stuck, request({ key: 'k2', run: () => new Promise(() => undefined) }));
    const gaveUp = stuck.drain(10_000);
    await clock.advance(10_001);
    expect(await gaveUp).toEqual({ executions: 1, writes: 0 });
  });
});
