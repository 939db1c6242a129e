import { Redis } from 'ioredis';
import { Redis as Valkey } from 'iovalkey';
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
import { nodeRedisClients, type ApplicationClient } from '../support/redis-clients.js';
import { startReplicas, type RedisReplicas } from '../support/redis-replicas.js';
import { redisRule } from '../support/redis-rule.js';

const { commands, channels, forReplicas, user } = redisRule;
const rightsIn = (...lines: readonly (readonly string[])[]): string[] =>
  lines.flat().flatMap((rule) => (rule.startsWith('+') ? [rule.slice(1)] : []));
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

/** A client's connection as the user; of those whose ready check is an INFO, without it. */
type Connect = (port: number) => ApplicationClient | Promise<ApplicationClient>;
const limited = { ...QUICK, ...user, enableReadyCheck: false };
const CLIENTS: readonly { readonly name: string; readonly connect: Connect }[] = [
  { name: 'ioredis', connect: (port) => new Redis(port, limited) },
  { name: 'iovalkey', connect: (port) => new Valkey(port, limited) },
  ...nodeRedisClients.map((kind) => ({
    name: kind.name,
    connect: (port: number) => kind.server(port, user),
  })),
];

const PLACES = [
  { place: 'one server', options: {}, needed: rightsIn(commands, channels) },
  { place: 'a server whose replicas count', options: { replicas: 'all' }, needed: GRANTED },
] as const;

const SETUPS = CLIENTS.flatMap((client) => PLACES.map((place) => ({ ...client, ...place })));

describe.each(SETUPS)('a user of $name who lacks a documented right, on $place', (setup) => {
  const { connect, options, needed } = setup;
  let redis: RedisReplicas;
  let app: Application;
  let witness: Application;
  const store = { service: 'payments', ...options };

  /** The records, seen by somebody who may do everything. */
  let admin: RedisRecordAdmin;
  let client: Redis;
  beforeAll(async () => {
    redis = await startReplicas();
    client = new Redis(redis.primary.port, '127.0.0.1');
    admin = openRedisRecordAdmin(driverOf(client), prefixOf(store));
  });
  afterAll(async () => {
    // First: ioredis waits two seconds for the end of a connection that the server has ended before.
    client.disconnect();
    await redis.stop();
  });

  beforeEach(async () => {
    await redis.primary.call('FLUSHALL');
    await redis.primary.call('SCRIPT', 'FLUSH');
    witness = openApplication(redis.primary.port, { store });
  });
  afterEach(() => Promise.all([app.close(), witness.close()]));

  function permit(rights: readonly string[]): Promise<void> {
    return redisRule.permit(
      redis.primary,
      rights.map((right) => `+${right}`),
    );
  }

  async function openWithout(right: string): Promise<void> {
    await permit(GRANTED.filter((other) => other !== right));
    app = openApplication(await connect(redis.primary.port), { store });
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
