import { MemoryStore, type IdempotencyStore } from 'graphql-idempotency';
import { RedisStore } from 'graphql-idempotency/redis';
import { Redis } from 'ioredis';

/** The store of records, and what ends its connection. */
export interface RecordStore {
  readonly store: IdempotencyStore;
  /** To be called when the server has stopped. */
  readonly disconnect: () => Promise<void>;
}

/** Opens Redis at `REDIS_URL`; without it, records are in the memory of this process. */
export function openStore(): RecordStore {
  const url = process.env['REDIS_URL'];
  if (url === undefined || url === '') {
    return { store: new MemoryStore(), disconnect: () => Promise.resolve() };
  }
  const redis = new Redis(url);
  return {
    store: new RedisStore(redis, { service: 'payments' }),
    disconnect: async () => {
      await redis.quit();
    },
  };
}
