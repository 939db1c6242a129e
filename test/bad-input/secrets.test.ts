import { randomBytes } from 'node:crypto';
import { aesGcmCipher, type IdempotencyOptions } from '../../src/index.js';
import { recordIdOf } from '../../src/core/record/key.js';
import { RedisStore } from '../../src/stores/redis/index.js';
import { codes, type TestContext } from '../graphql/apollo.js';
import { PREFIX, SERVICE } from '../support/redis-keys.js';
import { useRedis } from '../support/use-redis.js';
import { startSubject, statusOf, withKey, type Subject } from './subject.js';

const CVV = 'cvv-123';
const [oldKey, newKey] = [randomBytes(32), randomBytes(32)];
const typeDefs = /* GraphQL */ `
  type Card {
    number: String
    cvv: String
  }
  type Query {
    ping: String
  }
  type Mutation {
    issue(name: String): Card @idempotent
    refuse: String @idempotent
  }
`;
const ISSUE = 'mutation { issue { number cvv } }';

const redis = useRedis();

function start(options: Partial<IdempotencyOptions<TestContext>>): Promise<Subject> {
  let issued = 0;
  return startSubject({
    typeDefs,
    mutations: {
      issue: () => {
        issued += 1;
        return { number: `card-${String(issued)}`, cvv: CVV };
      },
    },
    options: { store: new RedisStore(redis.client, { service: SERVICE }), ...options },
  });
}

/** The Redis key of the record of `issue` under an idempotency key. */
function recordOf(key: string): string {
  return `${PREFIX}${recordIdOf('alice', 'Mutation.issue', key)}`;
}

describe('a result with a secret in it', () => {
  it('row 110: is stored without it where redact names it, and replays null there', async () => {
    const server = await start({ redact: ({ name }) => name === 'cvv' });
    const first = await server.post(ISSUE, withKey('a'));
    expect(first.body.data).toEqual({ issue: { number: 'card-1', cvv: CVV } });
    const second = await server.post(ISSUE, withKey('a'));
    expect(second.body.data).toEqual({ issue: { number: 'card-1', cvv: null } });
    expect(server.runs).toEqual(['issue']);
    expect(server.stored.some((bytes) => Buffer.from(bytes).includes(CVV))).toBe(false);
    await server.stop();
  });
});

describe('an encrypted outcome', () => {
  const cipher = aesGcmCipher({ keys: { old: oldKey }, current: 'old' });

  it('row 114: of another record, pasted over this one, is unreadable, and nothing runs', async () => {
    const server = await start({ cipher });
    await server.post(ISSUE, withKey('a'));
    await server.post(ISSUE, withKey('b'));
    const [one, other] = (await redis.client.keys('*')).sort();
    const stolen = await redis.client.getBuffer(other ?? '');
    await redis.client.set(one ?? '', stolen ?? '', 'KEEPTTL');
    const answers = [
      await server.post(ISSUE, withKey('a')),
      await server.post(ISSUE, withKey('b')),
    ];
    // One is the record that was copied, the other the one it was pasted over.
    expect(answers.flatMap((answer) => codes(answer))).toEqual(['IDEMPOTENCY_RESULT_UNAVAILABLE']);
    expect(answers.map((answer) => statusOf(answer, 'issue')).sort()).toEqual([
      'rejected',
      'replayed',
    ]);
    expect(server.runs).toEqual(['issue', 'issue']);
    await server.stop();
  });

  it('row 116: under a key that nobody has any more is unreadable, and somebody is told', async () => {
    const before = await start({ cipher });
    await before.post(ISSUE, withKey('a'));
    const after = await start({ cipher: aesGcmCipher({ keys: { new: newKey }, current: 'new' }) });
    expect(codes(await after.post(ISSUE, withKey('a')))).toEqual([
      'IDEMPOTENCY_RESULT_UNAVAILABLE',
    ]);
    expect(after.events).toContainEqual(
      expect.objectContaining({
        type: 'unreadable',
        reason: expect.stringContaining('"old"') as string,
      }),
    );
    expect(after.runs).toEqual([]);
    await before.stop();
    await after.stop();
  });

  it('row 116: under a key that is kept for reading is replayed', async () => {
    const before = await start({ cipher });
    await before.post(ISSUE, withKey('a'));
    const keys = { old: oldKey, new: newKey };
    const during = await start({ cipher: aesGcmCipher({ keys, current: 'new' }) });
    const answer = await during.post(ISSUE, withKey('a'));
    expect(answer.body.data).toEqual({ issue: { number: 'card-1', cvv: CVV } });
    expect(during.runs).toEqual([]);
    await before.stop();
    await during.stop();
  });
});

describe('a secret for digests', () => {
  it.each([
    ['row 130: undefined', undefined],
    ['row 130: empty', ''],
    ['row 130: 31 bytes', 'x'.repeat(31)],
    ['row 130: 31 bytes of binary data', randomBytes(31)],
    ['row 130: a number', 7],
    ['row 130: a promise', Promise.resolve('x'.repeat(32))],
  ])('%s keeps a server from starting, in words that do not repeat it', async (_, secret) => {
    const failure = await start({ digestSecret: secret as never }).then(
      () => undefined,
      (error: unknown) => error as Error,
    );
    expect(failure?.message).toContain('digestSecret must be a string or bytes');
    expect(failure?.message).not.toContain('x'.repeat(31));
  });

  it('row 130: of 32 bytes finds its own records only', async () => {
    const [one, other] = [
      await start({ digestSecret: 'x'.repeat(32) }),
      await start({ digestSecret: 'y'.repeat(32) }),
    ];
    for (const server of [one, other, one]) await server.post(ISSUE, withKey('a'));
    expect([one.runs, other.runs]).toEqual([['issue'], ['issue']]);
    expect(await redis.client.exists(recordOf('a'))).toBe(0);
    await one.stop();
    await other.stop();
  });
});
