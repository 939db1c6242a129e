import { mkdirSync } from 'node:fs';
import { join } from 'node:path';

import type { Failure, Outcome } from '../support/execute.js';
import type { Execution } from '../../src/index.js';
import { openApplication, type Application } from '../support/application.js';
import { failure, codeOf, deferred, outcome } from '../support/executions.js';
import { startRedis, type RedisServer } from '../support/redis-server.js';
import { claimed, completionOf, newBegin, rivalOf } from '../support/requests.js';
import { until } from '../support/until.js';

const UNAVAILABLE = 'IDEMPOTENCY_STORE_UNAVAILABLE';

describe('a Redis server', () => {
  let server: RedisServer;
  let one: Application;
  let two: Application;

  beforeAll(async () => {
    server = await startRedis({ args: ['--appendonly', 'yes', '--appendfsync', 'always'] });
  });
  afterAll(() => server.stop());
  beforeEach(async () => {
    await server.call('FLUSHALL');
    [one, two] = [openApplication(server.port), openApplication(server.port)];
    await Promise.all([one.store.ping(), two.store.ping()]);
  });
  afterEach(() => Promise.all([one.close(), two.close()]));

  /** A request whose resolver has been entered and goes on to its end when it is told to. */
  async function inFlight(
    goOn: (execution: Execution) => Promise<Outcome<string> | Failure> = () =>
      Promise.resolve(outcome('done')),
  ): Promise<{ end: () => void; answered: Promise<unknown> }> {
    const entered = deferred<undefined>();
    const gate = deferred<undefined>();
    const answered = one.execute({
      async run(execution) {
        entered.resolve(undefined);
        await gate.promise;
        return goOn(execution);
      },
    });
    await entered.promise;
    return {
      end() {
        gate.resolve(undefined);
      },
      answered,
    };
  }

  /** Whoever asks again gets the answer of the one execution that there was. */
  async function replays(): Promise<void> {
    // ioredis may leave a server that has just started alone for a second.
    await Promise.all([one.store.ping(), two.store.ping()]);
    expect(await two.execute()).toMatchObject({ kind: 'replayed', outcome: { attempt: 1 } });
    expect(await one.answer()).toBe('done');
    expect(one.runs + two.runs).toBe(1);
  }

  it('may forget its scripts before every single command', async () => {
    const flush = (): Promise<unknown> => server.call('SCRIPT', 'FLUSH');
    const begin = newBegin();
    await flush();
    const claim = await claimed(one.store, begin);
    await flush();
    expect(await one.store.renew(begin)).toBe('renewed');
    expect(await one.store.renew(newBegin())).toBe('lost');
    await flush();
    const step = { name: 'charge', state: 'value', payload: Buffer.of(1) } as const;
    expect(await one.store.step({ ...begin, ...step })).toBe('recorded');
    await flush();
    expect((await one.store.peek(begin)).kind).toBe('running');
    await flush();
    expect((await one.store.complete(completionOf(begin, claim))).kind).toBe('stored');
    await flush();
    expect((await two.store.begin(rivalOf(begin))).kind).toBe('completed');
    const given = newBegin();
    await claimed(one.store, given);
    await flush();
    expect(await one.store.release({ ...given, mode: 'erase' })).toBe('released');
    // Many at once find out at the same time that the script is gone.
    await flush();
    const replies = await Promise.all(
      Array.from({ length: 50 }, (_, index) =>
        (index % 2 === 0 ? one : two).store.begin(rivalOf(given)),
      ),
    );
    expect(replies.filter(({ kind }) => kind === 'claimed')).toHaveLength(1);
  });

  it('that crashes and comes back between claim and outcome has kept both', async () => {
    const { end, answered } = await inFlight();
    await server.kill();
    await server.restart();
    end();
    expect(await answered).toMatchObject({ kind: 'executed' });
    await replays();
    expect(one.events).not.toContainEqual(expect.objectContaining({ type: 'claimLost' }));
    // The outcome survives a crash as well.
    await server.kill();
    await server.restart();
    await replays();
  });

  it('that crashes before the outcome and stays away for a while gets it later', async () => {
    const { end, answered } = await inFlight();
    await server.kill();
    end();
    expect(await one.timeOut(answered)).toMatchObject({
      kind: 'executed',
      answer: 'done',
      stored: false,
    });
    expect(await codeOf(two.timeOut(two.execute()))).toBe(UNAVAILABLE);
    await server.restart();
    await replays();
  });

  describe('that halts for longer than anybody waits', () => {
    afterEach(() => {
      server.resume();
    });

    it('lets nothing start, then or later', async () => {
      server.pause();
      expect(await codeOf(one.timeOut(one.execute()))).toBe(UNAVAILABLE);
      server.resume();
      await Promise.all([one.store.ping(), two.store.ping()]);
      // The claim is withdrawn, at the latest when its late reply is seen.
      await until(async () => (await server.call('DBSIZE')) === 0);
      expect(await two.execute()).toMatchObject({ kind: 'executed', outcome: { attempt: 1 } });
      expect([one.runs, two.runs]).toEqual([0, 1]);
    });

    it('gets the outcome of what had started when it goes on', async () => {
      const { end, answered } = await inFlight();
      server.pause();
      end();
      expect(await one.timeOut(answered)).toMatchObject({
        kind: 'executed',
        answer: 'done',
        stored: false,
      });
      server.resume();
      await replays();
    });
  });

  it('that was emptied gets the outcome back, and somebody is told of the lost claim', async () => {
    const { end, answered } = await inFlight();
    await server.call('FLUSHALL');
    end();
    expect(await answered).toMatchObject({ kind: 'executed', stored: true });
    expect(one.events).toContainEqual(expect.objectContaining({ type: 'claimLost', attempt: 1 }));
    await replays();
  });

  describe('that refuses writes', () => {
    const set = (name: string, value: number | string) => (): Promise<unknown> =>
      server.configure({ [name]: value });
    /** Where the snapshot would be written, there is a folder. */
    async function failSnapshot(): Promise<void> {
      const [, folder] = (await server.call('CONFIG', 'GET', 'dir')) as [string, string];
      mkdirSync(join(folder, 'dump.rdb'), { recursive: true });
      await server.configure({ save: '3600 1' });
      await server.call('BGSAVE');
      await until(async () => {
        return (await server.info('persistence')).get('rdb_last_bgsave_status') === 'err';
      });
    }

    describe.each([
      {
        because: 'it is out of memory',
        refuse: set('maxmemory', 1),
        accept: set('maxmemory', 0),
        storesOutcomes: true,
      },
      {
        because: 'it has too few replicas',
        refuse: set('min-replicas-to-write', 1),
        accept: set('min-replicas-to-write', 0),
        storesOutcomes: false,
      },
      {
        because: 'it is a replica now',
        // Nobody listens on that port: what it has is all it will ever have.
        refuse: () => server.call('REPLICAOF', '127.0.0.1', 1),
        accept: () => server.call('REPLICAOF', 'NO', 'ONE'),
        storesOutcomes: false,
      },
      {
        because: 'its snapshots fail',
        refuse: failSnapshot,
        accept: set('save', ''),
        storesOutcomes: false,
      },
    ])('because $because', ({ refuse, accept, storesOutcomes }) => {
      afterEach(accept);

      it('lets nothing start, replays, and takes what was in flight at once or later', async () => {
        await two.answer({ key: 'ended' });
        const { end, answered } = await inFlight();
        await refuse();
        expect(await codeOf(two.execute({ key: 'new' }))).toBe(UNAVAILABLE);
        expect(await codeOf(two.execute())).toBe(UNAVAILABLE);
        expect(await one.execute({ key: 'ended' })).toMatchObject({ kind: 'replayed' });
        expect([one.runs, two.runs]).toEqual([1, 1]);
        end();
        expect(await answered).toMatchObject({ answer: 'done', stored: storesOutcomes });
        await accept();
        expect(await two.execute()).toMatchObject({ kind: 'replayed', outcome: { attempt: 1 } });
        expect(await two.execute({ key: 'new' })).toMatchObject({ kind: 'executed' });
        expect([one.runs, two.runs]).toEqual([1, 2]);
      });

      it('keeps a step for the next attempt, at once or later', async () => {
        let charges = 0;
        const charge = ({ step }: Execution): Promise<number> =>
          step('charge', () => (charges += 1));
        const { end, answered } = await inFlight(async (execution) => {
          await charge(execution);
          return failure('boom');
        });
        const failed = codeOf(answered);
        await refuse();
        end();
        // The claim is not given up before the step is kept.
        await until(() => storesOutcomes || one.events.some(({ type }) => type === 'storeFailure'));
        await accept();
        expect(await failed).toMatchObject({ message: 'boom' });
        const answer = two.answer({
          run: async (execution) => outcome(`charged ${String(await charge(execution))} time`),
        });
        expect(await answer).toBe('charged 1 time');
        expect(charges).toBe(1);
      });
    });
  });

  it('that is busy with a script of somebody else lets nothing start, and goes on later', async () => {
    const { end, answered } = await inFlight();
    await server.configure({ 'busy-reply-threshold': 1 });
    const busy = codeOf(server.call('EVAL', 'while true do end', 0));
    await until(async () => (await codeOf(server.call('PING'))) !== 'answered');
    try {
      expect(await codeOf(two.execute({ key: 'new' }))).toBe(UNAVAILABLE);
      end();
      expect(await answered).toMatchObject({ answer: 'done', stored: false });
    } finally {
      await server.call('SCRIPT', 'KILL');
      await busy;
    }
    await replays();
  });
});
