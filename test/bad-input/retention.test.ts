import { setTimeout as sleep } from 'node:timers/promises';
import { recordIdOf } from '../../src/core/record/key.js';
import { MemoryStore } from '../../src/index.js';
import { RedisStore } from '../../src/stores/redis/index.js';
import type { TestResponse } from '../graphql/apollo.js';
import { ManualClock } from '../support/manual-clock.js';
import { PREFIX, SERVICE } from '../support/redis-keys.js';
import { useRedis } from '../support/use-redis.js';
import { PAY, payments } from './payments.js';
import { startHttpSubject, startSubject, statusOf, withKey } from './subject.js';

function expiryOf(response: TestResponse): unknown {
  return response.body.extensions?.idempotency?.['pay']?.['expiresAt'];
}

describe('on Redis', () => {
  const redis = useRedis();

  it('row 122: a lease longer than the retention keeps the record for two leases while it runs', async () => {
    let keptMs = 0;
    const subject = await startSubject(
      payments({
        mutations: {
          pay: async () => {
            keptMs = await redis.client.pttl(
              `${PREFIX}${recordIdOf('alice', 'Mutation.pay', 'k1')}`,
            );
            return { id: '1', amount: 5 };
          },
        },
        options: {
          store: new RedisStore(redis.client, { service: SERVICE }),
          ttlSeconds: 1,
          leaseMs: 3_600_000,
        },
      }),
    );
    await subject.post(PAY, withKey('k1'));
    expect(keptMs).toBeGreaterThan(2 * 3_600_000 - 10_000);
    await subject.stop();
  });

  it('row 132: a retry after the retention runs again; the answer had told when', async () => {
    const options = { store: new RedisStore(redis.client, { service: SERVICE }), ttlSeconds: 1 };
    const subject = await startSubject(payments({ options }));
    const first = await subject.post(PAY, withKey('k1'));
    expect(Math.abs(Date.parse(String(expiryOf(first))) - Date.now())).toBeLessThan(5_000);
    await sleep(1_100);
    const second = await subject.post(PAY, withKey('k1'));
    expect(statusOf(second, 'pay')).toBe('executed');
    expect(subject.runs).toEqual(['pay', 'pay']);
    await subject.stop();
  });

  it('row 133: neither the redis.client’s clock nor this process’s decides when a record ends', async () => {
    const options = { store: new RedisStore(redis.client, { service: SERVICE }) };
    const subject = await startHttpSubject(payments({ options }));
    const send = (...headers: string[]): Promise<TestResponse> =>
      subject.send({ headers: ['Idempotency-Key: k1', ...headers], body: { query: PAY } });
    const first = await send('Date: Thu, 01 Jan 1970 00:00:00 GMT');
    const ahead = Date.now() + 10 * 365 * 86_400_000;
    const now = jest.spyOn(Date, 'now').mockReturnValue(ahead);
    const second = await send('Date: Tue, 01 Jan 2999 00:00:00 GMT');
    now.mockRestore();
    expect(statusOf(second, 'pay')).toBe('replayed');
    expect(expiryOf(second)).toBe(expiryOf(first));
    expect(Date.parse(String(expiryOf(first)))).toBeLessThan(ahead);
    expect(subject.runs).toEqual(['pay']);
    await subject.stop();
  });
});

it('row 132: in memory, too, the answer tells when a retry runs again', async () => {
  const clock = new ManualClock();
  const subject = await startSubject(payments({ options: { store: new MemoryStore({ clock }) } }));
  const first = await subject.post(PAY, withKey('k1'));
  expect(Date.parse(String(expiryOf(first)))).toBe(clock.wallMs() + 86_400_000);
  await clock.advance(86_399_999);
  expect(statusOf(await subject.post(PAY, withKey('k1')), 'pay')).toBe('replayed');
  await clock.advance(1);
  expect(statusOf(await subject.post(PAY, withKey('k1')), 'pay')).toBe('executed');
  expect(subject.runs).toEqual(['pay', 'pay']);
  await subject.stop();
});
