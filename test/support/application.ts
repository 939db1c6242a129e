import { randomBytes } from 'node:crypto';
import { setImmediate as nextTurn } from 'node:timers/promises';

import { Redis, type RedisOptions } from 'ioredis';

import { Engine } from '../../src/core/engine/engine.js';
import { createEvents } from '../../src/core/events.js';
import type { Clock, IdempotencyEvent } from '../../src/index.js';
import { RedisStore, type RedisStoreOptions } from '../../src/stores/redis/index.js';
import { endClient, type ApplicationClient } from './redis-clients.js';
import { outcome, request, textOf, type RequestOverrides } from './executions.js';
import { SERVICE } from './redis-keys.js';
import { SkippingClock } from './skipping-clock.js';
import { execute as executeOn, type Answer } from './execute.js';

/** Options of {@link openApplication}. */
export interface ApplicationOptions {
  /** Of the engine, in place of the one that {@link Application.timeOut} skips. */
  readonly clock?: Clock;
  readonly store?: Partial<RedisStoreOptions>;
}

/**
 * The engine's time limit of a call to Redis, in milliseconds. Redis holds claims to it by its own
 * clock, so no machine is so slow that a request on a sound connection exceeds it.
 */
const STORE_TIMEOUT_MS = 120_000;

/** Of leases and waits, in milliseconds: longer than any test, skipped time included. */
const LONG_MS = 1_000 * STORE_TIMEOUT_MS;

/** For clients in a hurry: to connect again, and to be gone. Only the engine's deadlines count. */
export const QUICK = {
  retryStrategy: () => 1,
  maxRetriesPerRequest: null,
  disconnectTimeout: 10,
} satisfies RedisOptions;

/** One process of an application: a client, a store and an engine. */
export interface Application {
  readonly store: RedisStore;
  /** Of the engine; the store has the process's own. */
  readonly clock: SkippingClock;
  readonly engine: Engine;
  readonly events: readonly IdempotencyEvent[];
  /** The number of runs of resolvers here. */
  readonly runs: number;
  /** Sends a request whose resolver counts as a run, and gives its answer. */
  execute(overrides?: RequestOverrides): Promise<Answer<string>>;
  /** As {@link execute}, but only the text of the answer. */
  answer(overrides?: RequestOverrides): Promise<string>;
  /**
   * Lets the store's time limit pass, as often as needed, until `settling` has settled: for requests
   * that Redis does not answer.
   */
  timeOut<T>(settling: Promise<T>): Promise<T>;
  close(): Promise<void>;
}

/**
 * Opens an application.
 *
 * @param redis - its client, which it closes in the end, or a port of this machine
 */
export function openApplication(
  redis: ApplicationClient | number,
  options: ApplicationOptions = {},
): Application {
  const client = typeof redis === 'number' ? new Redis(redis, '127.0.0.1', QUICK) : redis;
  client.on('error', () => undefined);
  const store = new RedisStore(client, { service: SERVICE, ...options.store });
  const events: IdempotencyEvent[] = [];
  let runs = 0;
  const clock = new SkippingClock();
  const engine = new Engine({
    store,
    storeTimeoutMs: STORE_TIMEOUT_MS,
    events: createEvents((event) => events.push(event)),
    randomBytes,
    clock: options.clock ?? clock,
  });

  function execute(overrides: RequestOverrides = {}): Promise<Answer<string>> {
    const { run = () => Promise.resolve(outcome('done')) } = overrides;
    return executeOn(
      engine,
      request({
        ...overrides,
        policy: { leaseMs: LONG_MS, waitMs: LONG_MS, ...overrides.policy },
        run: (execution) => {
          runs += 1;
          return run(execution);
        },
      }),
    );
  }

  return {
    store,
    clock,
    engine,
    events,
    get runs() {
      return runs;
    },
    execute,
    answer: async (overrides) => textOf(await execute(overrides)),
    async timeOut(settling) {
      const state = { isSettled: false };
      const end = (): void => {
        state.isSettled = true;
      };
      void settling.then(end, end);
      while (!state.isSettled) {
        clock.skip(STORE_TIMEOUT_MS);
        await nextTurn();
      }
      return settling;
    },
    async close() {
      engine.stop();
      await store.close();
      endClient(client);
    },
  };
}
