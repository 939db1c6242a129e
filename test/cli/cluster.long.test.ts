import { Cluster, Redis } from 'ioredis';
import { RedisStore } from '../../src/stores/redis/index.js';
import { PREFIX, SERVICE } from '../support/redis-keys.js';
import { startCluster, type RedisCluster } from '../support/redis-cluster.js';
import { runCliProcess, type CliRun } from '../support/run-cli.js';
import { claimed, newBegin, rivalOf } from '../support/requests.js';
import { lapse } from '../support/stored-claim.js';

describe('the command line over a cluster', () => {
  let cluster: RedisCluster;
  let client: Cluster;
  let store: RedisStore;

  beforeAll(async () => {
    cluster = await startCluster();
    for (const { host, port } of cluster.nodes) {
      const node = new Redis(port, host);
      await node.config('SET', 'requirepass', 'secret', 'masterauth', 'secret');
      node.disconnect();
    }
    client = new Cluster([...cluster.nodes], { redisOptions: { password: 'secret' } });
    client.on('error', () => undefined);
    store = new RedisStore(client, { service: SERVICE });
  });
  afterAll(async () => {
    await store.close();
    client.disconnect();
    await cluster.stop();
  });

  const cli = (...args: string[]): Promise<CliRun> => {
    const [first, ...others] = cluster.nodes.map(({ host, port }) => `${host}:${String(port)}`);
    const urls = [
      `redis://:secret@${String(first)}`,
      ...others.map((node) => `redis://:secret@${node}`),
    ];
    return runCliProcess(args, { redisUrl: urls.join(',') });
  };

  it('lists the records of every node, and changes each where it is', async () => {
    const begins = Array.from({ length: 12 }, () => newBegin());
    for (const begin of begins) {
      await claimed(store, begin);
      await lapse(client, `${PREFIX}${begin.recordId}`);
    }
    const listed = await cli('list', '--state', 'lapsed', '--json');
    const ids = listed.stdout
      .trim()
      .split('\n')
      .map((line) => (JSON.parse(line) as { recordId: string }).recordId);
    expect(ids.sort()).toEqual(begins.map(({ recordId }) => recordId).sort());
    for (const { recordId } of begins.slice(0, 3)) {
      expect(await cli('settle', recordId, '--value', '1', '--yes')).toMatchObject({ code: 0 });
    }
    const [first, , , fourth] = begins;
    if (first === undefined || fourth === undefined) throw new Error('There are twelve.');
    expect((await store.begin(rivalOf(first))).kind).toBe('completed');
    expect((await cli('forget', fourth.recordId, '--yes')).code).toBe(0);
    expect((await cli('audit', '--json')).stdout.trim().split('\n')).toHaveLength(8);
    expect((await cli('doctor', '--json')).stdout).toContain('cluster');
  });
});
