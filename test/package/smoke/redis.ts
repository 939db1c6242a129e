// needs: graphql ioredis
import assert from 'node:assert/strict';
import { Redis } from 'ioredis';
import { RedisStore, type RedisLike, type RedisStoreOptions } from 'graphql-idempotency/redis';

async function main(): Promise<void> {
  const redis = new Redis(process.env['REDIS_URL'] ?? '');
  const client: RedisLike = redis;
  const options: RedisStoreOptions = { service: `smoke-${String(process.pid)}` };
  const store = new RedisStore(client, options);
  const record = { recordId: `pay:${'a'.repeat(32)}`, fingerprint: 'f'.repeat(43) };
  const claim = {
    ...record,
    owner: 'o'.repeat(22),
    leaseMs: 30_000,
    retentionMs: 60_000,
    onLapse: 'reject',
    waits: false,
    timeoutMs: 1_000,
  } as const;
  const begun = await store.begin(claim);
  assert.equal(begun.kind, 'claimed');
  assert.equal((await store.begin({ ...claim, owner: 'p'.repeat(22) })).kind, 'running');
  await store.close();
  redis.disconnect();
}

void main();
