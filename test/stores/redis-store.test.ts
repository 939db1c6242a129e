import { Redis } from 'ioredis';
import {
  RedisStore,
  type RedisLike,
  type RedisStoreOptions,
} from '../../src/stores/redis/index.js';
import { keyOf, SERVICE } from '../support/redis-keys.js';
import { startRedis, type RedisServer } from '../support/redis-server.js';
import { claimed, completed, completionOf, newBegin, rivalOf } from '../support/requests.js';
import { CLAIM_LENGTH, readColumn, writeColumn } from '../support/stored-claim.js';
import { until } from '../support/until.js';

const NOTHING_BEFORE = { previous: 'none', steps: new Map<string, never>() } as const;

describe('RedisStore', () => {
  let server: RedisServer;
  let client: Redis;
  let store: RedisStore;

  beforeAll(async () => {
    server = await startRedis();
  });
  afterAll(() => server.stop());
  beforeEach(async () => {
    client = new Redis(server.port, '127.0.0.1');
    store = new RedisStore(client, { service: SERVICE });
    await client.flushall();
  });
  afterEach(async () => {
    await store.close();
    client.disconnect();
  });

  describe('costs (G21)', () => {
    it('two commands for a first execution, one for a replay, a mismatch or a refused duplicate', async () => {
      await completed(store, newBegin());
      const begin = newBegin();
      const evalsOf = async (act: () => Promise<unknown>): Promise<unknown> => {
        const commands = await server.commandsDuring(act);
        return [commands.get('evalsha'), commands.get('eval'), commands.get('time')];
      };
      // TIME is called by the script itself.
      expect(await evalsOf(() => claimed(store, begin))).toEqual([1, undefined, 1]);
      expect(await evalsOf(() => store.begin(rivalOf(begin)))).toEqual([1, undefined, 1]);
      const end = completionOf(begin, await claimed(store, begin));
      expect(await evalsOf(() => store.complete(end))).toEqual([1, undefined, 1]);
      expect(await evalsOf(() => store.begin(rivalOf(begin)))).toEqual([1, undefined, 1]);
      const { fingerprint } = newBegin();
      expect(await evalsOf(() => store.begin(rivalOf(begin, { fingerprint })))).toEqual([
        1,
        undefined,
        1,
      ]);
    });

    it('a small string while in progress, another afterwards, each with its own expiry', async () => {
      const begin = newBegin({ retentionMs: 100_000 });
      const claim = await claimed(store, begin);
      expect(await client.strlen(keyOf(begin))).toBe(CLAIM_LENGTH);
      expect(await client.pttl(keyOf(begin))).toBeGreaterThan(90_000);
      await store.complete(completionOf(begin, claim));
      expect(await client.strlen(keyOf(begin))).toBe(40 + 'the outcome'.length);
      const ttlMs = await client.pttl(keyOf(begin));
      expect(ttlMs).toBeLessThanOrEqual(60_000);
      expect(ttlMs).toBeGreaterThan(50_000);
    });

    it('nothing of keys, scopes or arguments: only digests', async () => {
      const begin = newBegin();
      await claimed(store, begin);
      expect(await client.keys('*')).toEqual([keyOf(begin)]);
      const { fingerprint, owner } = begin;
      expect(await client.get(keyOf(begin))).toMatch(
        new RegExp(`^1P[0-9]{50}JN0${fingerprint.slice(0, 22)}${owner}${owner}$`),
      );
    });
  });

  it('goes on after Redis has forgotten its scripts', async () => {
    const begin = newBegin();
    await completed(store, begin);
    await client.script('FLUSH');
    expect((await store.begin(rivalOf(begin))).kind).toBe('completed');
    await completed(store, newBegin());
  });

  it('does not claim when the command lands after its caller gave up', async () => {
    await store.ping();
    const begin = newBegin({ timeoutMs: 100 });
    await client.client('PAUSE', 300, 'ALL');
    await expect(store.begin(begin)).rejects.toThrow('after its deadline');
    expect(await client.exists(keyOf(begin))).toBe(0);
  });

  it('recognises a claim of its own that is sent again, however late', async () => {
    const begin = newBegin({ timeoutMs: 100 });
    const first = await claimed(store, begin);
    await client.client('PAUSE', 300, 'ALL');
    expect(await store.begin(begin)).toEqual(first);
  });

  describe('when Redis takes no writes (G12)', () => {
    it.each([
      ['is out of memory', 'maxmemory', '1', '0'],
      ['has too few replicas', 'min-replicas-to-write', '1', '0'],
    ])('because it %s, nothing starts and outcomes are still told', async (_, name, on, off) => {
      const ended = newBegin();
      await completed(store, ended);
      const running = newBegin();
      await claimed(store, running);
      await client.config('SET', name, on);
      try {
        await expect(store.begin(newBegin())).rejects.toThrow(/^(OOM|NOREPLICAS)/);
        await expect(store.begin(rivalOf(running))).rejects.toThrow(/^(OOM|NOREPLICAS)/);
        expect((await store.begin(rivalOf(ended))).kind).toBe('completed');
        const { fingerprint } = newBegin();
        expect(await store.begin(rivalOf(ended, { fingerprint }))).toEqual({ kind: 'mismatch' });
      } finally {
        await client.config('SET', name, off);
      }
    });

    it('out of memory, what is running may renew, complete and release', async () => {
      const [one, two] = [newBegin(), newBegin()];
      const claim = await claimed(store, one);
      await claimed(store, two);
      await client.config('SET', 'maxmemory', '1');
      try {
        expect([await store.renew(one), await store.renew(two)]).toEqual(['renewed', 'renewed']);
        expect((await store.complete(completionOf(one, claim))).kind).toBe('stored');
        expect(await store.release({ ...two, mode: 'erase' })).toBe('released');
      } finally {
        await client.config('SET', 'maxmemory', '0');
      }
    });
  });

  describe('a record that cannot be read (G15)', () => {
    const cut = async (key: string, length: number): Promise<unknown> =>
      client.set(key, await client.getrange(key, 0, length - 1), 'KEEPTTL');
    const damages: [string, (key: string) => Promise<unknown>][] = [
      ['a list', async (key) => (await client.del(key), client.rpush(key, 'x'))],
      ['a set', async (key) => (await client.del(key), client.sadd(key, 'x'))],
      ['a sorted set', async (key) => (await client.del(key), client.zadd(key, 1, 'x'))],
      ['a stream', async (key) => (await client.del(key), client.xadd(key, '*', 'a', 'b'))],
      ['a string of somebody else', (key) => client.set(key, 'hello')],
      ['an empty string', (key) => client.set(key, '')],
      ['a newer outcome', (key) => client.set(key, `2${'x'.repeat(200)}`)],
      ['a truncated outcome', (key) => client.set(key, '1V0000')],
      ['a hash of somebody else', async (key) => (await client.del(key), client.hset(key, 'a', 1))],
      ['a claim of a newer version', (key) => writeColumn(client, key, 'version', '2')],
      ['a claim in a state that there is not', (key) => writeColumn(client, key, 'state', 'X')],
      ['a claim without a duration', (key) => writeColumn(client, key, 'leaseMs', 0)],
      ['a claim without its last owner', (key) => cut(key, CLAIM_LENGTH - 22)],
      ['a claim that lost a character', (key) => cut(key, CLAIM_LENGTH - 1)],
      ['a claim with a character too many', (key) => client.append(key, 'x')],
      ['a claim with half a step', (key) => client.append(key, 'V000100000009ax')],
      ['a lease that is no number', (key) => client.setrange(key, 18, 'soon')],
      ['a lease that lost digits', (key) => writeColumn(client, key, 'leaseEnd', 179_556_056)],
      ['a lease of zeros', (key) => writeColumn(client, key, 'leaseEnd', 0)],
      ['a negative lease', (key) => client.setrange(key, 18, '-1')],
      ['a fence beyond 2^53', (key) => writeColumn(client, key, 'fence', '9'.repeat(16))],
      ['an attempt 0', (key) => writeColumn(client, key, 'attempt', 0)],
    ];
    it.each(damages)('such as %s is left alone, and nothing runs', async (title, damage) => {
      const begin = newBegin({ onLapse: 'recover' });
      const claim = await claimed(store, begin);
      await damage(keyOf(begin));
      const before = await client.dumpBuffer(keyOf(begin));
      for (const request of [begin, rivalOf(begin)]) {
        expect((await store.begin(request)).kind).toBe('unreadable');
        expect((await store.peek(request)).kind).toBe('unreadable');
      }
      const tail = title.includes('too many') || title.includes('half a step');
      // The steps are not looked at by who proves to be the owner, and ends or prolongs the claim.
      if (tail) return;
      expect((await store.complete(completionOf(begin, claim))).kind).toBe('unreadable');
      expect(await store.renew(begin)).toBe('lost');
      expect(await store.release({ ...begin, mode: 'erase' })).toBe('lost');
      expect(await client.dumpBuffer(keyOf(begin))).toEqual(before);
    });

    it('is unreadable whichever bit of its header flips (issue 15, row 28)', async () => {
      const begin = newBegin({ onLapse: 'recover' });
      await completed(store, begin);
      const packed = (await client.getBuffer(keyOf(begin))) ?? Buffer.alloc(0);
      for (let bit = 0; bit < 40 * 8; bit += 1) {
        const damaged = Buffer.from(packed);
        damaged[bit >> 3] = (damaged[bit >> 3] ?? 0) ^ (1 << (bit & 7));
        await client.set(keyOf(begin), damaged);
        const rival = rivalOf(begin);
        expect((await store.begin(rival)).kind).toBe('unreadable');
        expect((await store.peek(rival)).kind).toBe('unreadable');
        const end = completionOf(rival, {
          kind: 'claimed',
          fence: 7,
          attempt: 1,
          ...NOTHING_BEFORE,
        });
        expect((await store.complete(end)).kind).toBe('unreadable');
      }
    });

    it('has no lease that lasts longer than it was taken for, should the clock have gone back', async () => {
      const begin = newBegin();
      await claimed(store, begin);
      await writeColumn(client, keyOf(begin), 'leaseEnd', Date.UTC(3000, 0));
      const peeked = await store.peek(begin);
      expect(peeked.kind === 'running' && peeked.leaseRemainingMs).toBe(30_000);
      const reply = await store.begin(rivalOf(begin));
      expect(reply.kind === 'running' && reply.leaseRemainingMs).toBe(30_000);
      expect(Number(await readColumn(client, keyOf(begin), 'leaseEnd'))).toBeLessThan(
        Date.now() + 60_000,
      );
    });

    it('that lost its expiry still answers', async () => {
      const begin = newBegin();
      await completed(store, begin);
      await client.persist(keyOf(begin));
      const reply = await store.begin(rivalOf(begin));
      expect(reply.kind === 'completed' && new Date(reply.outcome.expiresAtMs).getTime()).toBe(
        8_640_000_000_000_000,
      );
    });
  });

  describe('the client', () => {
    it('is the caller’s: it is not changed, and not closed', async () => {
      const shape = (): unknown => [
        Reflect.ownKeys(client).filter((name) => name !== '_events' && name !== '_eventsCount'),
        client.eventNames().map((name) => [name, client.listenerCount(name)]),
      ];
      await client.ping();
      const before = shape();
      const begin = newBegin({ waits: true });
      await completed(store, begin);
      const unwatch = await store.watch(begin.recordId, () => undefined);
      unwatch();
      await store.close();
      expect(shape()).toEqual(before);
      expect(await client.ping()).toBe('PONG');
    });

    it.each([null, {}, { callBuffer: () => undefined }])(
      'must be one: %p is refused',
      (notAClient) => {
        expect(
          () => new RedisStore(notAClient as unknown as RedisLike, { service: SERVICE }),
        ).toThrow('must be a Redis or Cluster of ioredis 5.9 or later or of iovalkey');
      },
    );
  });

  it('keeps records of two services, and of two prefixes, apart', async () => {
    const begin = newBegin();
    await completed(store, begin);
    for (const options of [{ service: 'two' }, { service: SERVICE, prefix: 'two:' }]) {
      expect((await new RedisStore(client, options).begin(begin)).kind).toBe('claimed');
    }
    expect((await client.keys('*')).sort()).toEqual([
      keyOf(begin),
      `idempotency:two:${begin.recordId}`,
      `two:${SERVICE}:${begin.recordId}`,
    ]);
  });

  it('wants to know whose records they are: two services would have one default', () => {
    const open = RedisStore as new (client: RedisLike, options?: unknown) => RedisStore;
    for (const options of [undefined, {}, { service: '' }, { service: 'a:b' }, { service: 5 }]) {
      expect(() => new open(client, options)).toThrow('service must say whose records these are');
    }
    expect(() => new open(client, { service: 'x'.repeat(65) })).toThrow('1 to 64 letters');
  });

  it('refuses options out of range', () => {
    const of = (options: Partial<RedisStoreOptions>) => () =>
      new RedisStore(client, { service: SERVICE, ...options });
    expect(of({ prefix: 'a{b}' })).toThrow('braces');
    expect(of({ replica: 'all' } as object)).toThrow('There is no option "replica".');
    for (const replicas of [0, -1, 1.5, NaN, '1', 'most']) {
      expect(of({ replicas: replicas as number })).toThrow('replicas must');
    }
    for (const replicasTimeoutMs of [0, 60_001, 0.5, Infinity]) {
      expect(of({ replicasTimeoutMs })).toThrow('replicasTimeoutMs must');
    }
    expect(of({ prefix: 'x'.repeat(129) })).toThrow('128 characters');
    expect(of({ prefix: 5 as unknown as string })).toThrow('a string');
  });

  it('takes the longest durations that it does not refuse', async () => {
    const begin = newBegin({
      leaseMs: 1e15,
      retentionMs: 1e15,
      timeoutMs: Number.MAX_SAFE_INTEGER,
    });
    const claim = await claimed(store, begin);
    expect((await store.peek(begin)).kind).toBe('running');
    expect(await store.renew(begin)).toBe('renewed');
    const ttlMs = 1e15;
    expect((await store.complete(completionOf(begin, claim, { ttlMs }))).kind).toBe('stored');
    expect((await store.begin(rivalOf(begin))).kind).toBe('completed');
  });

  it('refuses requests that would make unreadable records', async () => {
    await expect(store.begin(newBegin({ owner: 'short' }))).rejects.toThrow(RangeError);
    await expect(store.begin(newBegin({ fingerprint: '' }))).rejects.toThrow(RangeError);
    await expect(store.begin(newBegin({ leaseMs: 0 }))).rejects.toThrow(RangeError);
    await expect(store.begin(newBegin({ leaseMs: 1e15 + 1 }))).rejects.toThrow(RangeError);
    await expect(store.begin(newBegin({ retentionMs: 1.5 }))).rejects.toThrow(RangeError);
    expect(await client.dbsize()).toBe(0);
  });

  describe('its subscriber', () => {
    it('is one connection, opened at the first watch and closed with the store', async () => {
      const subscribers = async (): Promise<number> =>
        String(await client.client('LIST', 'TYPE', 'PUBSUB'))
          .split('\n')
          .filter(Boolean).length;
      await completed(store, newBegin());
      expect(await subscribers()).toBe(0);
      const unwatches = await Promise.all(
        Array.from({ length: 20 }, () => store.watch(newBegin().recordId, () => undefined)),
      );
      expect(await subscribers()).toBe(1);
      for (const unwatch of unwatches) unwatch();
      await store.close();
      await until(async () => (await subscribers()) === 0);
    });

    it('wakes everybody when it was away: a message may have been lost', async () => {
      let calls = 0;
      await store.watch(newBegin().recordId, () => (calls += 1));
      await client.client('KILL', 'TYPE', 'PUBSUB');
      await until(() => calls > 0);
    });

    it('opens again after the store was closed', async () => {
      await store.close();
      const begin = newBegin();
      const claim = await claimed(store, begin);
      await store.begin(rivalOf(begin, { waits: true }));
      let calls = 0;
      await store.watch(begin.recordId, () => (calls += 1));
      await store.complete(completionOf(begin, claim));
      await until(() => calls > 0);
    });
  });
});
