import type { StepRequest } from '../../src/index.js';
import { RedisStore } from '../../src/stores/redis/index.js';
import {
  proveScript,
  writtenClaim,
  writtenOutcome,
  writtenStep,
} from '../../src/stores/redis/replication/prove-script.js';
import { driverOf } from '../../src/stores/redis/clients/driver-of.js';
import { ask } from '../../src/stores/redis/scripts/define-script.js';
import { keyOf, SERVICE } from '../support/redis-keys.js';
import { claimed, completionOf, newBegin, rivalOf } from '../support/requests.js';
import { CLAIM_LENGTH } from '../support/stored-claim.js';
import { useRedis } from '../support/use-redis.js';

/** What a store asks the primary that it waits on: it may not be the one that took the write. */
describe('the proof that a write is there', () => {
  const { client } = useRedis();
  let store: RedisStore;

  beforeAll(() => {
    store = new RedisStore(client, { service: SERVICE });
  });
  afterAll(() => store.close());

  it('is given for a claim and an outcome as long as they are there', async () => {
    const begin = newBegin();
    const claim = await claimed(store, begin);
    const [whole, other] = [writtenClaim(claim.fence), writtenClaim(claim.fence + 1)];
    expect(await ask(driverOf(client), proveScript, keyOf(begin), whole)).toBe(true);
    expect(await ask(driverOf(client), proveScript, keyOf(begin), other)).toBe(false);
    const end = completionOf(begin, claim);
    expect(await ask(driverOf(client), proveScript, keyOf(begin), writtenOutcome(end))).toBe(false);
    await store.complete(end);
    expect(await ask(driverOf(client), proveScript, keyOf(begin), writtenOutcome(end))).toBe(true);
    expect(await ask(driverOf(client), proveScript, keyOf(begin), whole)).toBe(false);
    expect(await client.pttl(keyOf(begin))).toBeGreaterThan(0);
    await client.flushall();
    expect(await ask(driverOf(client), proveScript, keyOf(begin), writtenOutcome(end))).toBe(false);
  });

  it('of a step is not given by another step in its place, nor by a claim of somebody else', async () => {
    const begin = newBegin({ onLapse: 'rerun' });
    await claimed(store, begin);
    const stepOf = (name: string, state: StepRequest['state'] = 'value'): StepRequest => {
      const { recordId, owner, leaseMs, timeoutMs } = begin;
      const payload = Buffer.from(state === 'value' ? 'done' : '');
      return { recordId, owner, leaseMs, timeoutMs, name, state, payload };
    };
    const lost = stepOf('one');
    // The primary that is asked has never had it, and a later step where it was.
    await store.step(stepOf('two'));
    const end = await client.strlen(keyOf(begin));
    expect(end).toBe(CLAIM_LENGTH + 13 + 'two'.length + 'done'.length);
    const proved = (step: StepRequest): Promise<boolean> =>
      ask(driverOf(client), proveScript, keyOf(begin), writtenStep(step, end));
    expect(await proved(lost)).toBe(false);
    expect(await proved(stepOf('two', 'started'))).toBe(false);
    expect(await proved(stepOf('two'))).toBe(true);

    await store.release({ ...begin, mode: 'keep' });
    await claimed(store, rivalOf(begin));
    expect(await proved(stepOf('two'))).toBe(false);
  });

  it('is refused for what is no string', async () => {
    const begin = newBegin();
    await client.rpush(keyOf(begin), 'x');
    await expect(ask(driverOf(client), proveScript, keyOf(begin), writtenClaim(1))).rejects.toThrow(
      'WRONGTYPE',
    );
  });
});
