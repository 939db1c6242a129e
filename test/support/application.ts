import { randomBytes } from 'node:crypto';

import { Redis, type RedisOptions } from 'ioredis';

import { Engine } from '../../src/core/engine/engine.js';
import { createEvents } from '../../src/core/events.js';
import type { Clock, IdempotencyEvent } from '../../src/index.js';
import { RedisStore, type RedisStoreOptions } from '../../src/stores/redis/index.js';
import { endClient, type ApplicationClient } from './redis-clients.js';
import { outcome, request, textOf, type RequestOverrides } from './executions.js';
import { SERVICE } from './redis-keys.js';
import { execute as executeOn, type Answer } from './execute.js';

/** Options of {@link openApplication}. */
export interface ApplicationOptions {
  /** @defaultValue 300, in milliseconds */
  readonly storeTimeoutMs?: number;
  /** Of the engine; the store has the process's own. */
  readonly clock?: Clock;
  readonly store?: Partial<RedisStoreOptions>;
}

/** For clients in a hurry: to connect again, and to be gone. Only the engine's deadlines count. */
export const QUICK = {
  retryStrategy: () => 1,
  maxRetriesPerRequest: null,
  disconnectTimeout: 10,
} satisfies RedisOptions;

/** One process of an application: a client, a store and an engine. */
export interface Application {
  readonly store: RedisStore;
  readonly engine: Engine;
  readonly events: readonly IdempotencyEvent[];
  /** The number of runs of resolvers here. */
  readonly runs: number;
  /** Sends a request whose resolver counts as a run, and gives its answer. */
  execute(overrides?: RequestOverrides): Promise<Answer<string>>;
  /** As {@link execute}, but only the text of the answer. */
  answer(overrides?: RequestOverrides): Promise<string>;
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
  const engine = new Engine({
    store,
    storeTimeoutMs: options.storeTimeoutMs ?? 300,
    events: createEvents((event) => events.push(event)),
    randomBytes,
    clock: options.clock,
  });

  function execute(overrides: RequestOverrides = {}): Promise<Answer<string>> {
    const { run = () => Promise.resolve(outcome('done')) } = overrides;
    return executeOn(
      engine,
      request({
        ...overrides,
        run: (execution) => {
          runs += 1;
          return run(execution);
        },
      }),
    );
  }

  return {
    store,
    engine,
    events,
    get runs() {
      return runs;
    },
    execute,
    answer: async (overrides) => textOf(await execute(overrides)),
    async close() {
      engine.stop();
      await store.close();
      endClient(client);
    },
  };
}
