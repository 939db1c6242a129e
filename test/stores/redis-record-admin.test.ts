import { randomBytes } from 'node:crypto';
import { newOwner } from '../../src/core/record/key.js';
import type { BeginRequest } from '../../src/index.js';
import { RedisStore } from '../../src/stores/redis/index.js';
import {
  openRedisRecordAdmin,
  type RedisRecordAdmin,
} from '../../src/stores/redis/admin/redis-record-admin.js';
import { driverOf } from '../../src/stores/redis/clients/driver-of.js';
import type { ChangeReply, Settlement } from '../../src/index.js';
import { PREFIX, SERVICE } from '../support/redis-keys.js';
import { useRedis } from '../support/use-redis.js';
import { claimed, completed, completionOf, newBegin, rivalOf } from '../support/requests.js';
import { lapse as lapseClaim, writeColumn } from '../support/stored-claim.js';
import { until } from '../support/until.js';

const PAYLOAD = Buffer.from('\u0001settled');

describe('the record admin of operators', () => {
  const redis = useRedis();
  let store: RedisStore;
  let admin: RedisRecordAdmin;

  beforeAll(() => {
    store = new RedisStore(redis.client, { service: SERVICE });
    admin = openRedisRecordAdmin(driverOf(redis.client), PREFIX);
  });
  afterAll(async () => {
    await store.close();
  });

  const settlement = (parts: Partial<Settlement & { kind: 'outcome' }> = {}): Settlement => ({
    kind: 'outcome',
    status: 'value',
    payload: PAYLOAD,
    ttlMs: 60_000,
    owner: newOwner(randomBytes),
    ...parts,
  });

  const settle = (recordId: string, fence: number, by: Settlement): Promise<ChangeReply> =>
    admin.settle({ recordId, fence, settlement: by });
  const forget = (
    recordId: string,
    fence: number | undefined,
    alsoRunning: boolean,
  ): Promise<ChangeReply> => admin.forget({ recordId, fence, alsoRunning });

  const begin = (parts: Partial<BeginRequest> = {}): BeginRequest => newBegin(parts);

  /** Makes the lease of a record over, as waiting would. */
  async function lapse({ recordId }: BeginRequest): Promise<void> {
    await lapseClaim(redis.client, `${PREFIX}${recordId}`);
  }

  async function fenceOf({ recordId }: BeginRequest): Promise<number> {
    const found = await admin.inspect(recordId);
    return 'fence' in found ? found.fence : 0;
  }

  it('tells of a claim, its lease and its steps', async () => {
    const request = begin({ waits: true, onLapse: 'rerun' });
    const { fence } = await claimed(store, request);
    const { recordId, owner, leaseMs } = request;
    const step = { recordId, owner, leaseMs, timeoutMs: 1_000 };
    await store.step({ ...step, name: 'charge', state: 'value', payload: PAYLOAD });
    await store.begin({ ...rivalOf(request), waits: true });
    const found = await admin.inspect(recordId);
    expect(found).toMatchObject({ state: 'running', attempt: 1, fence, leaseMs, onLapse: 'rerun' });
    expect(found).toMatchObject({ awaited: true });
    if (found.state !== 'running') throw new Error(found.state);
    expect(found.leaseRemainingMs).toBeGreaterThan(leaseMs - 10_000);
    expect(Math.abs(found.nowMs - Date.now())).toBeLessThan(60_000);
    expect([...found.steps]).toEqual([['charge', { state: 'value', payload: PAYLOAD }]]);
    await lapse(request);
    expect(await admin.inspect(recordId)).toMatchObject({ state: 'lapsed' });
    await store.release({ recordId, owner, mode: 'keep' });
    expect(await admin.memoryBytes(recordId)).toBeGreaterThan(100);
  });

  it('tells what is absent, released, completed or damaged', async () => {
    const request = begin();
    const { recordId, owner } = request;
    expect(await admin.inspect(recordId)).toEqual({ state: 'absent' });
    const claim = await claimed(store, request);
    await store.release({ recordId, owner, mode: 'keep' });
    expect(await admin.inspect(recordId)).toMatchObject({ state: 'released', attempt: 1 });
    await redis.client.flushall();
    await store.complete(completionOf(request, claim, { payload: PAYLOAD }));
    expect(await admin.inspect(recordId)).toMatchObject({ state: 'completed', payload: PAYLOAD });
    await redis.client.set(`${PREFIX}${recordId}`, 'other');
    expect(await admin.inspect(recordId)).toMatchObject({ state: 'unreadable' });
    await redis.client.del(`${PREFIX}${recordId}`);
    await redis.client.lpush(`${PREFIX}${recordId}`, 'other');
    const reason = 'a list instead of a record';
    expect(await admin.inspect(recordId)).toEqual({ state: 'unreadable', reason });
  });

  it('lets a late owner answer with what was settled, never with its own (G12)', async () => {
    const request = begin();
    const claim = await claimed(store, request);
    await lapse(request);
    expect(await settle(request.recordId, claim.fence, settlement())).toBe('done');
    const late = await store.complete(completionOf(request, claim));
    expect(late).toMatchObject({ kind: 'superseded', outcome: { payload: PAYLOAD } });
    const renewal = await store.renew(request);
    expect(renewal).toBe('lost');
  });

  it('accepts the late outcome of a record that waits to be run again, until somebody runs it', async () => {
    const request = begin();
    const claim = await claimed(store, request);
    await lapse(request);
    expect(await settle(request.recordId, claim.fence, { kind: 'rerun' })).toBe('done');
    expect(await settle(request.recordId, claim.fence, { kind: 'rerun' })).toBe('done');
    expect((await store.complete(completionOf(request, claim))).kind).toBe('stored');

    const other = begin();
    const first = await claimed(store, other);
    await lapse(other);
    await settle(other.recordId, first.fence, { kind: 'rerun' });
    const second = await claimed(store, rivalOf(other));
    expect(second).toMatchObject({ attempt: 2, previous: 'released' });
    expect(second.fence).toBeGreaterThan(first.fence);
    expect((await store.complete(completionOf(other, first))).kind).toBe('superseded');
  });

  it('changes nothing that is not as it was looked at', async () => {
    const request = begin({ onLapse: 'rerun' });
    const { recordId } = request;
    const { fence } = await claimed(store, request);
    const unchanged = async (reply: string, act: Promise<unknown>): Promise<void> => {
      const before = await redis.client.dump(`${PREFIX}${recordId}`);
      expect(await act).toBe(reply);
      expect(await redis.client.dump(`${PREFIX}${recordId}`)).toBe(before);
    };
    await unchanged('running', settle(recordId, fence, settlement()));
    await unchanged('running', forget(recordId, fence, false));
    await lapse(request);
    const next = rivalOf(request);
    const second = await claimed(store, next);
    await lapse(request);
    await unchanged('changed', settle(recordId, fence, settlement()));
    await unchanged('changed', forget(recordId, fence, true));
    await unchanged('changed', forget(recordId, undefined, true));
    await store.complete(completionOf(next, second));
    await unchanged('completed', settle(recordId, second.fence, settlement()));
    await unchanged('changed', forget(recordId, undefined, true));
    await redis.client.set(`${PREFIX}${recordId}`, 'other');
    await unchanged('changed', forget(recordId, second.fence, true));
    await redis.client.del(`${PREFIX}${recordId}`);
    await unchanged('absent', settle(recordId, fence, settlement()));
    await unchanged('absent', forget(recordId, fence, true));
  });

  it('forgets what is completed, damaged, or running if that is meant', async () => {
    const request = begin();
    const { recordId } = request;
    const { fence } = await claimed(store, request);
    expect(await forget(recordId, fence, true)).toBe('done');
    const again = rivalOf(request);
    await store.complete(completionOf(again, await claimed(store, again)));
    expect(await forget(recordId, await fenceOf(request), false)).toBe('done');
    await writeColumn(redis.client, `${PREFIX}${recordId}`, 'version', '9');
    expect(await forget(recordId, undefined, false)).toBe('done');
    await completed(store, again);
    await redis.client.setrange(`${PREFIX}${recordId}`, 1, 'E');
    expect(await admin.inspect(recordId)).toMatchObject({ state: 'unreadable' });
    expect(await forget(recordId, undefined, false)).toBe('done');
    expect(await redis.client.dbsize()).toBe(0);
  });

  it('wakes who waits for a record when it is settled', async () => {
    const request = begin();
    const { fence } = await claimed(store, request);
    let rings = 0;
    const stop = await store.watch(request.recordId, () => (rings += 1));
    await store.begin({ ...rivalOf(request), waits: true });
    await lapse(request);
    await settle(request.recordId, fence, settlement());
    await until(() => rings === 1);
    stop();
  });

  it('finds the records of one mutation, and takes nothing else for one', async () => {
    const digest = 'x'.repeat(32);
    for (const name of ['pay', 'payLater', 'Root.pay', 'p*y']) {
      await redis.client.set(`${PREFIX}${name}:${digest}`, '');
    }
    await redis.client.set(`${PREFIX}audit`, '');
    await redis.client.set(`other:pay:${digest}`, '');
    const found = async (name: string | undefined, from = admin): Promise<string[]> => {
      const ids: string[] = [];
      for await (const batch of from.scan(name)) ids.push(...batch);
      return ids.sort();
    };
    expect(await found('pay')).toEqual([`pay:${digest}`]);
    expect(await found('Root.pay')).toEqual([`Root.pay:${digest}`]);
    expect(await found('p*y')).toEqual([]);
    expect(await found(undefined)).toEqual(
      ['Root.pay', 'pay', 'payLater'].map((name) => `${name}:${digest}`),
    );
    expect(await found(undefined, openRedisRecordAdmin(driverOf(redis.client), 'other:'))).toEqual([
      `pay:${digest}`,
    ]);
    expect(await found(undefined, openRedisRecordAdmin(driverOf(redis.client), 'oth?r:'))).toEqual(
      [],
    );
  });
});
