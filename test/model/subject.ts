import type { Redis } from 'ioredis';
import { MemoryStore, type IdempotencyStore } from '../../src/index.js';
import { RedisStore } from '../../src/stores/redis/index.js';
import { prefixOf } from '../../src/stores/redis/redis-store-options.js';
import { ManualClock } from '../support/manual-clock.js';
import { RedisOnTestClock } from './redis-on-test-clock.js';

/** How a request reaches the store. */
export interface Delivery {
  /** How long it is in flight; of two copies the second, after the first. */
  readonly delayMs: number;
  /** 2: sent again, as a client does after it has lost its connection; the second reply counts. */
  readonly copies: 1 | 2;
}

/** What only a store in another process can meet. */
export interface RedisSubject {
  /** Redis's clock is set forward. */
  jump(ms: number): void;
  /** Redis forgets every script. */
  forgetScripts(): Promise<unknown>;
  /** Redis loses the record. */
  lose(recordId: string): Promise<unknown>;
  /** Somebody writes bytes of their own in the place of the record; its expiry stays. */
  damage(recordId: string, bytes: string): Promise<unknown>;
}

/** A store under test, on a clock that the test moves. */
export interface Subject {
  readonly store: IdempotencyStore;
  /** What 0 of the model's time is on the store's clock. */
  readonly epochMs: number;
  /** For how long a record is still there once its time is over: Redis counts the millisecond. */
  readonly graceMs: number;
  /** Sends a request to the store. */
  deliver<T>(delivery: Delivery, send: () => Promise<T>): Promise<T>;
  pass(ms: number): Promise<void>;
  /** Resolves when watchers have heard of everything that has happened. */
  heard(): Promise<void>;
  readonly redis: RedisSubject | undefined;
  close(): Promise<void>;
}

/** The usual way. */
export const ONCE: Delivery = Object.freeze({ delayMs: 0, copies: 1 });

/** A new MemoryStore. */
export function memorySubject(): Subject {
  const clock = new ManualClock();
  const store = new MemoryStore({ clock });
  const pass = async (ms: number): Promise<void> => {
    if (ms > 0) await clock.advance(ms);
  };
  return {
    store,
    epochMs: clock.wallMs(),
    graceMs: 0,
    async deliver({ copies, delayMs }, send) {
      if (copies === 2) await send();
      await pass(delayMs);
      return send();
    },
    pass,
    heard: () => clock.advance(0),
    redis: undefined,
    close: () => store.close(),
  };
}

/** A new RedisStore over a connection; the records of other services are left alone. */
export function redisSubject(redis: Redis, service: string): Subject {
  const client = new RedisOnTestClock(redis);
  const prefix = prefixOf({ service });
  const store = new RedisStore(client, { service, clock: client.clock });
  let sentinels = 0;
  return {
    store,
    epochMs: client.epochMs,
    graceMs: 1,
    deliver(delivery, send) {
      client.deliverNext(delivery);
      return send();
    },
    pass(ms) {
      client.pass(ms);
      return Promise.resolve();
    },
    async heard() {
      // Messages of one channel arrive in their order: after this one there is none before it.
      const sentinel = `sentinel-${String((sentinels += 1))}`;
      await new Promise<void>((resolve, reject) => {
        store
          .watch(sentinel, resolve)
          .then(() => redis.publish(`${prefix}ended`, sentinel))
          .catch(reject);
      });
    },
    redis: {
      jump: (ms) => {
        client.jump(ms);
      },
      forgetScripts: () => redis.script('FLUSH'),
      lose: (recordId) => redis.del(prefix + recordId),
      damage: (recordId, bytes) => redis.set(prefix + recordId, bytes, 'KEEPTTL'),
    },
    async close() {
      await client.clear();
      await store.close();
    },
  };
}
