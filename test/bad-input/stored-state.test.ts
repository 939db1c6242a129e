import { crc32 } from 'node:zlib';
import { fingerprintOf } from '../../src/core/fingerprint.js';
import { recordIdOf } from '../../src/core/record/key.js';
import type {
  BeginRequest,
  Claimed,
  IdempotencyEvent,
  IdempotencyOptions,
} from '../../src/index.js';
import { RedisStore } from '../../src/stores/redis/index.js';
import { codes, type TestContext, type TestResponse } from '../graphql/apollo.js';
import { PREFIX, SERVICE } from '../support/redis-keys.js';
import { useRedis } from '../support/use-redis.js';
import { claimed, newBegin } from '../support/requests.js';
import {
  CLAIM_LENGTH,
  lapse,
  readColumn,
  writeColumn,
  type ClaimColumn,
} from '../support/stored-claim.js';
import { PAY, payments } from './payments.js';
import { startSubject, statusOf, withKey, type Subject } from './subject.js';

const UNAVAILABLE = 'IDEMPOTENCY_RESULT_UNAVAILABLE';

describe('what Redis holds under a record’s key', () => {
  const redis = useRedis();
  let subject: Subject;
  beforeEach(async () => {
    await start();
  });
  afterEach(() => subject.stop());

  async function start(options: Partial<IdempotencyOptions<TestContext>> = {}): Promise<void> {
    subject = await startSubject(
      payments({
        options: { store: new RedisStore(redis.client, { service: SERVICE }), ...options },
      }),
    );
  }
  async function restart(options: Partial<IdempotencyOptions<TestContext>>): Promise<void> {
    await subject.stop();
    await start(options);
  }

  const recordId = recordIdOf('alice', 'Mutation.pay', 'k1');
  const key = `${PREFIX}${recordId}`;
  const pay = (): Promise<TestResponse> => subject.post(PAY, withKey('k1'));

  /** A claim of the same request by an owner that is not heard of again. */
  async function claimByAnother(overrides: Partial<BeginRequest> = {}): Promise<Claimed> {
    const fingerprint = fingerprintOf({ amount: 5 });
    return claimed(
      new RedisStore(redis.client, { service: SERVICE }),
      newBegin({ recordId, fingerprint, ...overrides }),
    );
  }

  const unreadable = (): IdempotencyEvent[] =>
    subject.events.filter(({ type }) => type === 'unreadable');

  /** Nothing ran, the redis.client was told, an operator was told, and what was found is still there. */
  async function expectLeftAlone(): Promise<void> {
    const [runs, before] = [[...subject.runs], await redis.client.dumpBuffer(key)];
    const response = await pay();
    expect(codes(response)).toEqual([UNAVAILABLE]);
    expect(response.body.errors?.[0]?.extensions['retryable']).toBe(false);
    expect(subject.runs).toEqual(runs);
    expect(unreadable()).not.toHaveLength(0);
    expect(await redis.client.dumpBuffer(key)).toEqual(before);
  }

  it.each<[string, () => Promise<unknown>]>([
    ['row 111: a list', () => redis.client.rpush(key, 'x')],
    ['row 111: a set', () => redis.client.sadd(key, 'x')],
    ['row 111: a sorted set', () => redis.client.zadd(key, 1, 'x')],
    ['row 111: a stream', () => redis.client.xadd(key, '*', 'a', 'b')],
    ['row 111: a hash of another program', () => redis.client.hset(key, { v: '1', name: 'x' })],
    ['row 111: a string of another program', () => redis.client.set(key, 'hello')],
    ['row 111: an empty string', () => redis.client.set(key, '')],
    ['row 111: a counter', () => redis.client.incr(key)],
    ['row 111: JSON', () => redis.client.set(key, JSON.stringify({ status: 'done'.repeat(50) }))],
  ])('%s is left alone, and nothing runs', async (_, put) => {
    await put();
    await expectLeftAlone();
  });

  const packed = async (): Promise<Buffer> =>
    (await redis.client.getBuffer(key)) ?? Buffer.alloc(0);
  async function change(edit: (bytes: Buffer) => Buffer): Promise<void> {
    await pay();
    await redis.client.set(key, edit(await packed()), 'KEEPTTL');
  }
  const at =
    (start: number, text: string) =>
    (bytes: Buffer): Buffer => {
      bytes.write(text, start, 'latin1');
      return bytes;
    };

  it.each([
    ['an error', 'V', 'E'],
    ['a response', 'V', 'R'],
    ['unavailable', 'V', 'U'],
  ])(
    'issue 15, row 28: an outcome whose status became that of %s is left alone',
    async (_, is, to) => {
      await change((bytes) => {
        expect(String.fromCharCode(bytes[1] ?? 0)).toBe(is);
        return at(1, to)(bytes);
      });
      await expectLeftAlone();
      expect(subject.runs).toEqual(['pay']);
    },
  );

  it.each<[string, (bytes: Buffer) => Buffer]>([
    ['row 112: that ends within its header', (bytes) => bytes.subarray(0, 30)],
    ['row 112: with the status Z', at(1, 'Z')],
    ['row 112: with a fence of letters', at(3, 'letters')],
    ['row 112: with the attempt 0', at(2, '\u0000')],
    ['row 112: with the attempt 100', at(2, 'd')],
    ['row 112: with an owner that is no token', at(10, '{}')],
    ['row 112: with a fingerprint that is none', at(14, '{}')],
    ['row 112: without its payload', (bytes) => bytes.subarray(0, 40)],
    ['row 112: that is unavailable, with a payload', at(1, 'U')],
    ['row 113: of version 2', at(0, '2')],
    ['row 113: whose payload has version 2', at(40, '\u0002')],
    ['row 115: that ends within its payload', (bytes) => bytes.subarray(0, bytes.length - 1)],
    ['row 115: with a byte too many', (bytes) => Buffer.concat([bytes, Buffer.alloc(1)])],
    ['row 119: with a fence beyond what is exact', at(3, '\u0020' + '\u0000'.repeat(6))],
    ['row 119: with a negative fence', at(3, '\u00ff'.repeat(7))],
  ])('an outcome %s is left alone, and nothing runs again', async (_, edit) => {
    await change(edit);
    await expectLeftAlone();
    expect(subject.runs).toEqual(['pay']);
  });

  it('row 115: an outcome is left alone whichever of its bits has flipped', async () => {
    await pay();
    const bytes = await packed();
    for (let bit = 0; bit < bytes.length * 8; bit += 1) {
      const damaged = Buffer.from(bytes);
      damaged[bit >> 3] = (damaged[bit >> 3] ?? 0) ^ (1 << (bit & 7));
      await redis.client.set(key, damaged);
      expect(codes(await pay())).toEqual([UNAVAILABLE]);
      expect(await packed()).toEqual(damaged);
    }
    expect(subject.runs).toEqual(['pay']);
  });

  it.each([
    // A kind, and a count of 2^53 - 1 in eight bytes: tags.ts says which kind is which.
    ['row 100: a list', 8],
    ['row 100: an object', 9],
    ['row 100: a Map', 12],
    ['row 100: a Set', 13],
    ['row 100: text', 7],
    ['row 100: a BigInt', 6],
  ])(
    '%s that claims to be far larger than its record is refused before it takes memory',
    async (_, tag) => {
      const body = Buffer.from([tag, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x0f]);
      const header = Buffer.from([1, 0, 0, 0, 0]);
      header.writeUInt32LE(crc32(body), 1);
      await change((bytes) => Buffer.concat([bytes.subarray(0, 40), header, body]));
      const before = process.memoryUsage().rss;
      await expectLeftAlone();
      expect(process.memoryUsage().rss - before).toBeLessThan(64 * 1_048_576);
    },
  );

  describe('of a claim that cannot be read', () => {
    const write = (name: ClaimColumn, value: string | number) => () =>
      writeColumn(redis.client, key, name, value);
    const cutTo = async (length: number): Promise<unknown> =>
      redis.client.set(key, await redis.client.getrange(key, 0, length - 1), 'KEEPTTL');
    const damages: [string, () => Promise<unknown>][] = [
      ['row 117: without the end of its lease', write('leaseEnd', 0)],
      ['row 117: without the duration of its lease', write('leaseMs', 0)],
      ['row 117: with an empty lease', write('leaseEnd', ' '.repeat(16))],
      ['row 117: with a lease of letters', write('leaseEnd', 'soon'.repeat(4))],
      ['row 117: with a lease that lost a digit', write('leaseEnd', 179_556_056_789)],
      ['row 113: of version 2', write('version', '2')],
      ['row 112: in a state that there is not', write('state', 'p')],
      ['row 112: that ends before its last owner', () => cutTo(99)],
      ['row 112: that lost its last character', () => cutTo(CLAIM_LENGTH - 1)],
      ['row 112: with a character too many', () => redis.client.append(key, 'x')],
      ['row 112: with half a step', () => redis.client.append(key, 'V000100000009ax')],
      ['row 112: with a policy that there is not', write('policy', 'j')],
      ['row 112: that found what there is not', write('previous', 'x')],
      ['row 112: that is awaited perhaps', write('awaited', '2')],
      ['row 112: with the attempt --', write('attempt', '--')],
      ['row 112: with the attempt 0', write('attempt', 0)],
      ['row 119: with a negative fence', write('fence', '-000000000000001')],
      ['row 119: with a fence of letters', write('fence', 'f'.repeat(16))],
      ['row 119: with the fence 2^53', write('fence', 9_007_199_254_740_992)],
      [
        'row 119: with the fence 2^53 - 1, after which there is none',
        write('fence', 9_007_199_254_740_991),
      ],
      ['row 119: with the fence 9e15', write('fence', 9_000_000_000_000_000)],
    ];
    const policies: [string, Partial<IdempotencyOptions<TestContext>>][] = [
      ['REJECT', { onCrash: 'REJECT' }],
      ['RERUN', { onCrash: 'RERUN' }],
      ['recover', { recover: { 'Mutation.pay': () => 'RERUN' } }],
    ];
    const cases = damages.flatMap(([title, damage]) =>
      policies.map(([name, options]) => ({ title, name, damage, options })),
    );
    it.each(cases)('$title it has not lapsed, whatever $name says', async ({ damage, options }) => {
      await restart(options);
      await claimByAnother({ onLapse: 'rerun' });
      await lapse(redis.client, key, 60_000);
      await damage();
      await expectLeftAlone();
      expect(subject.runs).toEqual([]);
    });
  });

  it('row 118: a lease until the year 3000 is cut to its duration, and then lapses', async () => {
    await restart({ waitMs: 0 });
    await claimByAnother({ leaseMs: 100 });
    await writeColumn(redis.client, key, 'leaseEnd', Date.UTC(3000, 0));
    expect(codes(await pay())).toEqual(['IDEMPOTENCY_CONCURRENT_REQUEST']);
    expect(Number(await readColumn(redis.client, key, 'leaseEnd')) - Date.now()).toBeLessThan(
      60_000,
    );
    await new Promise((resolve) => setTimeout(resolve, 150));
    expect(codes(await pay())).toEqual(['IDEMPOTENCY_OUTCOME_UNKNOWN']);
    expect(subject.runs).toEqual([]);
  });

  it('row 120: a claim whose expiry was taken away is completed, and expires again', async () => {
    let ttlMs = 0;
    await subject.stop();
    subject = await startSubject(
      payments({
        mutations: {
          pay: async () => {
            await redis.client.persist(key);
            ttlMs = await redis.client.pttl(key);
            return { id: '1', amount: 5 };
          },
        },
        options: { store: new RedisStore(redis.client, { service: SERVICE }) },
      }),
    );
    expect((await pay()).body.errors).toBeUndefined();
    expect(ttlMs).toBe(-1);
    expect(await redis.client.pttl(key)).toBeGreaterThan(86_000_000);
    expect(statusOf(await pay(), 'pay')).toBe('replayed');
  });

  it('row 120: an outcome whose expiry was taken away is replayed', async () => {
    const first = await pay();
    await redis.client.persist(key);
    const second = await pay();
    expect(second.body.data).toEqual(first.body.data);
    expect(statusOf(second, 'pay')).toBe('replayed');
    expect(await redis.client.pttl(key)).toBe(-1);
    expect(subject.runs).toEqual(['pay']);
  });

  it.each([
    ['row 28: what a record begins with', '1P'],
    ['row 28: what a step begins with', 'V0006'],
    ['row 27: what looks like a key of Redis', 'idempotency:{x}'],
    ['row 26: a pattern of Redis', '*'],
  ])('%s is an ordinary key, of which Redis sees a digest', async (_, name) => {
    const first = await subject.post(PAY, withKey(name));
    const second = await subject.post(PAY, withKey(name));
    expect(second.body.data).toEqual(first.body.data);
    expect(subject.runs).toEqual(['pay']);
    expect(await redis.client.keys('*')).toEqual([
      `${PREFIX}${recordIdOf('alice', 'Mutation.pay', name)}`,
    ]);
  });

  it('row 131: two services on one Redis, which have no secrets, are kept apart by their names', async () => {
    await pay();
    const other = await startSubject(
      payments({ options: { store: new RedisStore(redis.client, { service: 'other' }) } }),
    );
    const response = await other.post(PAY, withKey('k1'));
    expect(statusOf(response, 'pay')).toBe('executed');
    expect((await redis.client.keys('*')).sort()).toEqual([`idempotency:other:${recordId}`, key]);
    await other.stop();
  });
});
