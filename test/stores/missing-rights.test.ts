import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import type { Failure, Outcome } from '../support/execute.js';
import { recordIdOf } from '../../src/core/record/key.js';
import type { Execution } from '../../src/index.js';
import {
  openRedisRecordAdmin,
  type RedisRecordAdmin,
} from '../../src/stores/redis/admin/redis-record-admin.js';
import { driverOf } from '../../src/stores/redis/clients/driver-of.js';
import { prefixOf } from '../../src/stores/redis/redis-store-options.js';
import { openApplication, QUICK, type Application } from '../support/application.js';
import { codeOf, failure, outcome } from '../support/executions.js';
import { until } from '../support/until.js';
import { startReplicas, type RedisReplicas } from '../support/redis-replicas.js';

const page = readFileSync(join(__dirname, '../../docs/redis.md'), 'utf8');
const [, commands = '', channels = '', forReplicas = ''] = (
  /^ACL SETUSER (?:.*\n)+?(?=```)/m.exec(page)?.[0] ?? ''
).split('\n');
const rightsIn = (...lines: string[]): string[] =>
  lines.flatMap((line) => [...line.matchAll(/\+([a-z|]+)/g)].map(([, right = '']) => right));
/** What the documentation grants, for a store that waits for replicas as well. */
const GRANTED = rightsIn(commands, channels, forReplicas);

const UNAVAILABLE = 'IDEMPOTENCY_STORE_UNAVAILABLE';

type Run = (execution: Execution) => Promise<Outcome<string> | Failure>;

const charge =
  (atMostOnce: boolean): Run =>
  async (execution) =>
    outcome(await execution.step('charge', () => Promise.resolve('done'), { atMostOnce }));

/** What a resolver may do, by key. */
const RUNS: readonly (readonly [key: string, Run])[] = [
  ['an outcome', () => Promise.resolve(outcome('done'))],
  ['a step', charge(false)],
  ['a step that runs at most once', charge(true)],
  ['a failure', () => Promise.resolve(failure('down'))],
];

describe.each([
  ['one server', {}, rightsIn(commands, channels)],
  ['a server whose replicas count', { replicas: 'all' }, GRANTED],
] as const)('a user who lacks one of the documented rights, on %s', (_, options, needed) => {
  let redis: RedisReplicas;
  let app: Application;
  let witness: Application;
  const store = { service: 'payments', ...options };

  beforeAll(async () => {
    redis = await startReplicas();
  });
  afterAll(() => redis.stop());
  beforeEach(async () => {
    await redis.primary.call('FLUSHALL');
    await redis.primary.call('SCRIPT', 'FLUSH');
    witness = openApplication(redis.primary.port, { store });
  });
  afterEach(() => Promise.all([app.close(), witness.close()]));

  /** The records, seen by somebody who may do everything. */
  let admin: RedisRecordAdmin;
  let client: Redis;
  beforeAll(() => {
    client = new Redis(redis.primary.port, '127.0.0.1');
    admin = openRedisRecordAdmin(driverOf(client), prefixOf(store));
  });
  afterAll(() => {
    client.disconnect();
  });

  async function permit(rights: readonly string[]): Promise<void> {
    const where = ['~idempotency:payments:*', '&idempotency:payments:*', '-@all'];
    const rules = [...where, ...rights.map((right) => `+${right}`)];
    await redis.primary.call('ACL', 'SETUSER', 'app', 'reset', 'on', '>secret', ...rules);
  }

  async function openWithout(right: string): Promise<void> {
    await permit(GRANTED.filter((other) => other !== right));
    // The ready check of ioredis is an INFO.
    const user = { ...QUICK, username: 'app', password: 'secret', enableReadyCheck: false };
    const limited = new Redis(redis.primary.port, '127.0.0.1', user);
    app = openApplication(limited, { store });
  }

  it.each(needed)('is told so at start, by its name: %s', async (right) => {
    await openWithout(right);
    const { problems } = await app.store.check(10_000);
    expect(problems.join('\n')).toMatch(
      new RegExp(
        `lacks permissions.*\\+${right.replace('|', '.')}|NOPERM.*'${right.replace('|', '.')}'`,
      ),
    );
  });

  // What is asked for before an effect, and what only comes after it, is known from the first claim.
  it.each(needed)('runs nothing, or everything as if it had all: %s', async (right) => {
    await openWithout(right);
    const replayed = await witness.answer({ key: 'replayed' });
    const answers = [await codeOf(app.execute({ key: 'replayed' }))];
    for (const [key, run] of RUNS) answers.push(await codeOf(app.execute({ key, run })));
    expect(replayed).toBe('done');
    const ends = [...new Set(answers)];
    if (app.runs === 0) {
      expect(ends).toEqual([UNAVAILABLE]);
      expect(await redis.primary.call('DBSIZE')).toBe(1);
      const failures = app.events.filter(({ type }) => type === 'storeFailure');
      expect(failures).toHaveLength(answers.length);
      for (const one of failures) {
        expect(one).toMatchObject({
          error: {
            message: expect.stringMatching(
              new RegExp(`NOPERM|\\+${right.replace('|', '.')}`),
            ) as string,
          },
        });
      }
    } else {
      expect(['info', 'subscribe', 'publish']).toContain(right);
      expect(ends).toEqual(['answered', expect.any(Error)]);
      expect(app.runs).toBe(RUNS.length);
      expect(app.events.map(({ type }) => type)).not.toContain('notStored');
      expect(app.events.map(({ type }) => type)).not.toContain('storeFailure');
    }
    // With the right, everything that was refused runs once, and everything that ran is replayed.
    const before = app.runs;
    await permit(GRANTED);
    for (const [key] of RUNS) expect(await app.answer({ key })).toBe('done');
    expect(app.runs).toBe(before === 0 ? RUNS.length : RUNS.length + 1);
    expect(await witness.answer({ key: 'an outcome' })).toBe('done');
    expect(witness.runs).toBe(1);
  });

  it('without +publish keeps an outcome that somebody waits for, who finds it', async () => {
    await openWithout('publish');
    let waiting = Promise.resolve('nobody');
    const run: Run = async () => {
      waiting = witness.answer({ key: 'k1' });
      const recordId = recordIdOf('alice', 'Mutation.pay', 'k1');
      await until(async () => {
        const found = await admin.inspect(recordId);
        return found.state === 'running' && found.awaited;
      });
      return outcome('done');
    };
    expect(await app.execute({ key: 'k1', run })).toMatchObject({ stored: true });
    expect(await waiting).toBe('done');
  });

  it('whose right is taken away later notices it at the first outcome that it cannot keep', async () => {
    await openWithout('');
    const run: Run = async () => {
      await permit(GRANTED.filter((right) => right !== 'set'));
      return outcome('done');
    };
    expect(await app.execute({ key: 'k1', run })).toMatchObject({
      kind: 'executed',
      stored: false,
    });
    expect(await codeOf(app.execute({ key: 'k2' }))).toBe(UNAVAILABLE);
    expect(app.runs).toBe(1);
    await permit(GRANTED);
    expect(await app.answer({ key: 'k2' })).toBe('done');
  });
});
