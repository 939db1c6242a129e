import { createClient, createClientPool } from 'redis';
import { RedisStore, type RedisLike } from '../../src/stores/redis/index.js';
import { nodeRedisSettingProblems } from '../../src/stores/redis/clients/node-redis/node-redis-settings.js';
import { openApplication } from '../support/application.js';
import { codeOf } from '../support/executions.js';
import { nodeRedisClients } from '../support/redis-clients.js';
import { SERVICE } from '../support/redis-keys.js';
import { useRedis } from '../support/use-redis.js';

const KNOWN =
  /^RedisStore: The client must be a Redis or Cluster of ioredis .* of iovalkey, or what createClient, createCluster or createSentinel of node-redis .* gives\.$/;

describe('a client of an unknown kind', () => {
  it.each([
    ['nothing', undefined],
    ['a URL', 'redis://localhost'],
    ['an object', {}],
    ['a pool of node-redis', createClientPool()],
    ['node-redis 4', { sendCommand: () => undefined, duplicate: () => undefined, isOpen: true }],
  ])('is refused in one sentence that names those that are known: %s', (_, client) => {
    expect(() => new RedisStore(client as RedisLike, { service: SERVICE })).toThrow(KNOWN);
  });
});

describe('a node-redis client', () => {
  const redis = useRedis();

  it('that is not connected is told of at start, and requests fail closed', async () => {
    const client = createClient({ socket: { port: redis.port } });
    const application = openApplication(client);
    const says = /not connected: await its connect\(\)/;
    await expect(application.store.check(1_000)).rejects.toThrow(says);
    const strict = new RedisStore(client, { service: SERVICE, strict: true });
    expect(await strict.check(1_000)).toMatchObject({
      refuses: true,
      problems: [expect.stringMatching(says)],
    });
    expect(await codeOf(application.execute())).toBe('IDEMPOTENCY_STORE_UNAVAILABLE');
    expect(application.runs).toBe(0);
    await client.connect();
    expect(await application.answer()).toBe('done');
    await application.close();
  });

  it.each(nodeRedisClients)('of $name is looked at when a server starts', async (kind) => {
    const client = await kind.server(redis.port);
    const application = openApplication(client);
    const { problems } = await application.store.check(1_000);
    expect(problems).toEqual([expect.stringMatching(/has no socket\.socketTimeout/)]);
    await application.close();
  });

  it.each([
    [
      'everything',
      { pingInterval: 1_000, socket: { socketTimeout: 3_000, reconnectStrategy: 1 } },
      [],
    ],
    ['nothing', {}, [/has no socket\.socketTimeout.*pingInterval.*reconnectStrategy/]],
    [
      'a time limit alone',
      { socket: { socketTimeout: 3_000 } },
      [/set pingInterval to a third/, /no socket\.reconnectStrategy/],
    ],
    [
      'a time limit that ends waiting',
      { pingInterval: 100, socket: { socketTimeout: 500, reconnectStrategy: 1 } },
      [/is 500, and replicasTimeoutMs 500/],
    ],
    [
      'a prefix for keys',
      {
        keyPrefix: 'a:',
        pingInterval: 1_000,
        socket: { socketTimeout: 3_000, reconnectStrategy: 1 },
      },
      [/keyPrefix does not apply/],
    ],
  ])('with %s set up is told what to change', (_, options, problems) => {
    expect(nodeRedisSettingProblems(options, 500)).toEqual(
      problems.map((problem) => expect.stringMatching(problem) as string),
    );
  });
});
