import { Cluster } from 'ioredis';

import { recordIdOf } from '../../src/core/record/key.js';
import { beginScript } from '../../src/stores/redis/scripts/begin-script.js';
import { completeScript } from '../../src/stores/redis/scripts/complete-script.js';
import { openApplication, QUICK, type Application } from '../support/application.js';
import { codeOf, deferred, outcome, request } from '../support/executions.js';
import type { MoveStage } from '../support/cluster-slots.js';
import { otherClients, type ApplicationClient } from '../support/redis-clients.js';
import { PREFIX } from '../support/redis-keys.js';
import { startCluster, type RedisCluster } from '../support/redis-cluster.js';

type Connect = (cluster: RedisCluster) => ApplicationClient | Promise<ApplicationClient>;

const CLIENTS: readonly (readonly [name: string, connect: Connect])[] = [
  ['ioredis', ({ nodes }) => new Cluster([...nodes], { redisOptions: QUICK })],
  ...otherClients.map(
    (client) => [client.name, ({ nodes }: RedisCluster) => client.cluster(nodes)] as const,
  ),
];

describe.each(CLIENTS)('a cluster that moves slots while %s uses them', (_, connect) => {
  let cluster: RedisCluster;
  const opened: Application[] = [];
  beforeAll(async () => {
    cluster = await startCluster({ replicas: true });
  });
  afterAll(() => cluster.stop());
  afterEach(async () => {
    for (const application of opened.splice(0)) await application.close();
  });

  async function open(replicas: 'all' | undefined): Promise<Application> {
    const application = openApplication(await connect(cluster), {
      store: replicas === undefined ? {} : { replicas },
    });
    opened.push(application);
    return application;
  }

  /** The record of a key, as Redis knows it. */
  function recordOf(key: string): string {
    const { scope, operation } = request();
    return `${PREFIX}${recordIdOf(scope, operation, key)}`;
  }

  /** Moves the slot of a record to a primary that did not have it. */
  async function move(record: string, act: (stage: MoveStage) => Promise<void>): Promise<void> {
    const from = await cluster.ownerOf(record);
    const owners = await Promise.all(['{a}', '{b}', '{c}'].map((key) => cluster.ownerOf(key)));
    const to = owners.find((owner) => owner !== from);
    if (to === undefined) throw new Error('All slots have one owner.');
    await cluster.reshard(record, to, act);
  }

  /** The calls of scripts that the nodes executed, and those for which they named another node. */
  async function scriptCalls(): Promise<{ readonly made: number; readonly redirected: number }> {
    const stats = await Promise.all(cluster.servers.map((server) => server.info('commandstats')));
    const sum = (count: string): number =>
      stats
        .map((all) => new RegExp(`\\b${count}=(\\d+)`).exec(all.get('cmdstat_evalsha') ?? ''))
        .reduce((total, found) => total + Number(found?.[1] ?? 0), 0);
    return { made: sum('calls'), redirected: sum('rejected_calls') };
  }

  async function scriptCallsDuring(act: () => Promise<unknown>): ReturnType<typeof scriptCalls> {
    const before = await scriptCalls();
    await act();
    const after = await scriptCalls();
    return {
      made: after.made - before.made,
      redirected: after.redirected - before.redirected,
    };
  }

  it('costs one command per claim, outcome and replay, and one more for a slot that has moved', async () => {
    for (const server of cluster.servers) {
      for (const { lua } of [beginScript, completeScript]) {
        await server.call('SCRIPT', 'LOAD', lua);
      }
    }
    const application = await open(undefined);
    const twice = async (key: string): Promise<void> => {
      await application.answer({ key });
      await application.answer({ key });
    };
    await twice('first');
    expect(await scriptCallsDuring(() => twice('at rest'))).toEqual({ made: 3, redirected: 0 });
    await move(recordOf('moved'), () => Promise.resolve());
    expect(await scriptCallsDuring(() => twice('moved'))).toEqual({ made: 3, redirected: 1 });
    expect(application.runs).toBe(3);
  });

  describe.each([
    { replicas: undefined, during: 'answered' },
    // Nobody can tell which primary's replicas count before the slot has arrived.
    { replicas: 'all', during: 'IDEMPOTENCY_STORE_UNAVAILABLE' },
  ] as const)('with replicas $replicas', ({ replicas, during }) => {
    it('takes a first request at any stage, or later', async () => {
      for (const wanted of ['opened', 'emptied'] as const) {
        const [one, two] = [await open(replicas), await open(replicas)];
        const key = `first, ${wanted}, ${String(replicas)}`;
        await move(recordOf(key), async (stage) => {
          if (stage === wanted) expect(await codeOf(one.answer({ key }))).toBe(during);
        });
        expect(await two.answer({ key })).toBe('done');
        expect(one.runs + two.runs).toBe(1);
      }
    });

    it('keeps claims, outcomes and waiters at any stage', async () => {
      for (const wanted of ['opened', 'emptied'] as const) {
        const [one, two, three] = [
          await open(replicas),
          await open(replicas),
          await open(replicas),
        ];
        // Until it has moved, the record is where everybody looks for it.
        const told = wanted === 'opened' ? 'answered' : during;
        const key = `in flight, ${wanted}, ${String(replicas)}`;
        const entered = deferred<undefined>();
        const gate = deferred<undefined>();
        const first = one.answer({
          key,
          async run() {
            entered.resolve(undefined);
            await gate.promise;
            return outcome('done');
          },
        });
        await entered.promise;
        const waiter = codeOf(two.answer({ key }));
        await move(recordOf(key), async (stage) => {
          if (stage !== wanted) return;
          gate.resolve(undefined);
          expect(await first).toBe('done');
          expect([await waiter, await codeOf(three.answer({ key }))]).toEqual([told, told]);
        });
        expect(await three.answer({ key })).toBe('done');
        expect([one.runs, two.runs, three.runs]).toEqual([1, 0, 0]);
        expect(one.events.filter(({ type }) => type === 'claimLost')).toEqual([]);
      }
    });
  });
});
