import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import {
  RedisStore,
  type IoRedisLike,
  type RedisStoreOptions,
} from '../../src/stores/redis/index.js';
import { ioredisSettingProblems } from '../../src/stores/redis/clients/ioredis/ioredis-settings.js';
import { infoProblems } from '../../src/stores/redis/setup-check/info-problems.js';
import { SERVICE } from '../support/redis-keys.js';
import { startRedis, type RedisServer } from '../support/redis-server.js';

const SOUND = [
  'redis_version:7.0.15',
  'role:master',
  'maxmemory_policy:noeviction',
  'aof_enabled:1',
  'aof_last_write_status:ok',
].join('\r\n');
const REPLICA = 'slave0:ip=10.0.0.1,port=6379,state=online,offset=1,lag=0';

describe('what INFO says about keeping records (G25)', () => {
  it.each([
    ['a sound server', SOUND, undefined, []],
    ['nothing that is known', '', undefined, []],
    ['Valkey', SOUND.replace('7.0.15', '7.2.4') + '\r\nvalkey_version:8.1.0', undefined, []],
    ['Redis 6', SOUND.replace('7.0.15', '6.2.1'), undefined, [/6\.2\.1 is too old/]],
    ['Redis 10', SOUND.replace('7.0.15', '10.0.0'), undefined, []],
    ['a replica', SOUND.replace('master', 'slave'), undefined, [/connect it to the primary/]],
    [
      'eviction',
      SOUND.replace('noeviction', 'volatile-lru'),
      undefined,
      [/volatile-lru.*noeviction/],
    ],
    ['no AOF', SOUND.replace('aof_enabled:1', 'aof_enabled:0'), undefined, [/appendonly is no/]],
    ['a full disk', SOUND.replace('status:ok', 'status:err'), undefined, [/look after its disk/]],
    ['replicas nobody waits for', `${SOUND}\r\n${REPLICA}`, undefined, [/replicas to 'all'/]],
    ['all replicas', `${SOUND}\r\n${REPLICA}`, 'all', []],
    ['as many replicas', `${SOUND}\r\n${REPLICA}`, 1, []],
    ['no replica for all', SOUND, 'all', [/0 replicas are online: marked mutations are refused/]],
    ['too few replicas', `${SOUND}\r\n${REPLICA}`, 2, [/replicas is 2, but 1 replica is online/]],
    [
      'more replicas',
      `${SOUND}\r\n${REPLICA}\r\n${REPLICA.replace('slave0', 'slave1')}`,
      1,
      [/may be promoted/],
    ],
  ] as const)('%s', (_name, info, replicas, expected) => {
    const problems = infoProblems(info, replicas);
    expect(problems).toHaveLength(expected.length);
    expected.forEach((problem, index) => {
      expect(problems[index]).toMatch(problem);
    });
  });
});

describe('what the settings of a client say (G25)', () => {
  const client = (options: object): IoRedisLike => ({ options }) as unknown as IoRedisLike;
  it.each([
    ['a socketTimeout', client({ socketTimeout: 3_000 }), undefined, []],
    ['none', client({}), undefined, [/has no socketTimeout.*Set it to 3000/]],
    ['one of the nodes', client({ redisOptions: { socketTimeout: 3_000 } }), 500, []],
    ['none of the nodes', client({ redisOptions: {} }), 500, [/has no socketTimeout/]],
    [
      'one that is too short',
      client({ socketTimeout: 500 }),
      500,
      [/is closed before they answer/],
    ],
    ['what has no options', {} as IoRedisLike, undefined, []],
  ] as const)('%s', (_, of, waitMs, expected) => {
    const problems = ioredisSettingProblems(of, waitMs);
    expect(problems).toHaveLength(expected.length);
    expected.forEach((problem, index) => {
      expect(problems[index]).toMatch(problem);
    });
  });
});

describe('the check of a Redis server at start (G25)', () => {
  let server: RedisServer;
  let admin: Redis;
  const clients: Redis[] = [];

  beforeAll(async () => {
    server = await startRedis({ args: ['--appendonly', 'yes'] });
    admin = new Redis(server.port, '127.0.0.1');
  });

  afterEach(() => {
    for (const client of clients.splice(0)) {
      // ioredis keeps a timer for a stream that is closed already.
      if (client.status !== 'end') client.disconnect();
    }
  });

  afterAll(async () => {
    admin.disconnect();
    await server.stop();
  });

  function storeOn(url: string, options?: Partial<RedisStoreOptions>): RedisStore {
    const client = new Redis(url, {
      retryStrategy: () => null,
      enableReadyCheck: false,
      socketTimeout: 3_000,
    });
    client.on('error', () => undefined);
    clients.push(client);
    return new RedisStore(client, { service: SERVICE, ...options });
  }

  /** A store whose user has these permissions. */
  async function storeOfUser(
    rules: readonly string[],
    options?: Partial<RedisStoreOptions>,
  ): Promise<RedisStore> {
    await admin.call('acl', 'setuser', 'idempotency', 'reset', 'on', '>secret', ...rules);
    return storeOn(`redis://idempotency:secret@127.0.0.1:${String(server.port)}`, options);
  }

  const NEEDED = [
    ...['eval', 'evalsha', 'info', 'time', 'type', 'subscribe', 'publish'],
    ...['get', 'set', 'del', 'getrange', 'setrange', 'append', 'pexpireat', 'pexpiretime'],
  ];
  const NEEDED_FOR_REPLICAS = ['wait', 'client|id'];
  /** What a cluster's client sends when it connects: test/stores/permissions.long.test.ts. */
  const CONNECTING = ['cluster|slots', 'cluster|info'];
  const permit = (commands: readonly string[]): string[] => commands.map((name) => `+${name}`);
  const COMMANDS = permit([...NEEDED, ...NEEDED_FOR_REPLICAS, ...CONNECTING]);

  it('finds nothing wrong with a sound one, and leaves nothing behind', async () => {
    expect(await storeOn(server.url).check(5_000)).toEqual({ problems: [], refuses: false });
    expect(await storeOn(server.url, { strict: true }).check(5_000)).toEqual({
      problems: [],
      refuses: false,
    });
    await new Promise((resolve) => setTimeout(resolve, 1_100));
    expect(await admin.dbsize()).toBe(0);
    expect(String(await admin.client('LIST', 'TYPE', 'PUBSUB'))).toBe('');
  });

  it('says that a silent connection would be kept, which keeps nobody from starting', async () => {
    const client = new Redis(server.port, '127.0.0.1');
    clients.push(client);
    const store = new RedisStore(client, { service: SERVICE, strict: true });
    const problem = expect.stringContaining('has no socketTimeout') as string;
    expect(await store.check(5_000)).toEqual({ problems: [problem], refuses: false });
  });

  it('says what to change, and refuses when it is strict', async () => {
    await admin.config('SET', 'maxmemory-policy', 'allkeys-lru');
    const expected = [expect.stringContaining('Set it to noeviction') as string];
    const lenient = await storeOn(server.url).check(5_000);
    expect(lenient).toEqual({ problems: expected, refuses: false });
    const strict = await storeOn(server.url, { strict: true }).check(5_000);
    expect(strict).toEqual({ problems: expected, refuses: true });
    await admin.config('SET', 'maxmemory-policy', 'noeviction');
  });

  it('is content with the permissions that the documentation lists', async () => {
    const page = readFileSync(join(__dirname, '../../docs/redis.md'), 'utf8');
    const listed = /^ACL SETUSER (?:.*\n)+?```/m.exec(page)?.[0].match(/\+[a-z|]+/g);
    expect(listed?.sort()).toEqual([...COMMANDS].sort());
    const store = await storeOfUser([
      '~idempotency:tests:*',
      '&idempotency:tests:*',
      '-@all',
      ...COMMANDS,
    ]);
    expect(await store.check(5_000)).toEqual({ problems: [], refuses: false });
  });

  it.each([...NEEDED, ...NEEDED_FOR_REPLICAS])(
    'names a missing permission: %s',
    async (command) => {
      const others = COMMANDS.filter((permission) => permission !== `+${command}`);
      const replicas = NEEDED_FOR_REPLICAS.includes(command) ? 1 : undefined;
      const user = ['~idempotency:tests:*', '&idempotency:tests:*', '-@all', ...others];
      const store = await storeOfUser(user, replicas === undefined ? {} : { replicas });
      const { problems } = await store.check(10_000);
      expect(problems.join('\n').toLowerCase()).toContain(command);
      await store.close();
    },
  );

  it('names keys and channels that are not permitted', async () => {
    const elsewhere = await storeOfUser(['~other:*', '&idempotency:tests:*', '-@all', ...COMMANDS]);
    expect((await elsewhere.check(5_000)).problems.join('\n')).toMatch(
      /lacks permissions.*|NOPERM/,
    );
    const silent = await storeOfUser(['~idempotency:tests:*', '&other:*', '-@all', ...COMMANDS]);
    expect((await silent.check(5_000)).problems.join('\n')).toMatch(
      /the channel idempotency:tests:ended: \+subscribe \+publish/,
    );
  });

  it('says so when replicas are asked for and none is there', async () => {
    const store = storeOn(server.url, { replicas: 'all', replicasTimeoutMs: 50 });
    const { problems } = await store.check(5_000);
    expect(problems[0]).toContain('0 replicas are online');
    expect(problems[1]).toContain('Only 0 of 1 replicas acknowledged');
    await store.close();
  });

  it('says so when Redis takes no writes', async () => {
    await admin.config('SET', 'min-replicas-to-write', '1');
    const { problems } = await storeOn(server.url).check(5_000);
    await admin.config('SET', 'min-replicas-to-write', '0');
    expect(problems.join('\n')).toMatch(/refuses claims at the moment: NOREPLICAS/);
  });

  it('rejects when Redis is away, unless it is strict: then it refuses', async () => {
    const nowhere = 'redis://127.0.0.1:1';
    await expect(storeOn(nowhere).check(5_000)).rejects.toThrow();
    expect(await storeOn(nowhere, { strict: true }).check(5_000)).toEqual({
      problems: [expect.stringContaining('could not be checked') as string],
      refuses: true,
    });
  });

  it('takes no longer than it may', async () => {
    await admin.call('client', 'pause', '400', 'ALL');
    const check = storeOn(server.url, { strict: true }).check(100);
    expect((await check).problems[0]).toContain('did not answer within 100 ms');
  });
});
