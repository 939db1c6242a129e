import { randomBytes } from 'node:crypto';

import { createEngine, type Answer, type Engine } from '../../src/core/engine.js';
import type { Clock, IdempotencyEvent } from '../../src/index.js';
import { RedisStore, type RedisLike } from '../../src/stores/redis/index.js';
import { outcome, request, textOf, type RequestOverrides } from './executions.js';

/** A client of the application's own, of any version. */
export type ApplicationClient = RedisLike & {
  disconnect(): void;
  on(event: 'error', listener: () => void): unknown;
};

/** How to open an {@link Application}. */
export interface ApplicationOptions {
  /** @defaultValue 300, in milliseconds */
  readonly storeTimeoutMs?: number;
  /** Of the engine; the store has the process's own. */
  readonly clock?: Clock;
}

/** What one process of an application has: a client, a store and an engine. */
export interface Application {
  readonly store: RedisStore;
  readonly engine: Engine;
  readonly events: readonly IdempotencyEvent[];
  /** How often a resolver was entered here. */
  readonly runs: number;
  /** Sends a request whose resolver counts as a run, and gives its answer. */
  execute(overrides?: RequestOverrides): Promise<Answer<string>>;
  /** As {@link execute}, but only the text of the answer. */
  answer(overrides?: RequestOverrides): Promise<string>;
  close(): Promise<void>;
}

/** Opens one over a client, which it closes in the end. */
export function openApplication(
  client: ApplicationClient,
  options: ApplicationOptions = {},
): Application {
  client.on('error', () => undefined);
  const store = new RedisStore(client);
  const events: IdempotencyEvent[] = [];
  let runs = 0;
  const engine = createEngine({
    store,
    storeTimeoutMs: options.storeTimeoutMs ?? 300,
    onEvent: (event) => events.push(event),
    randomBytes,
    clock: options.clock,
  });

  function execute(overrides: RequestOverrides = {}): Promise<Answer<string>> {
    const { run = () => Promise.resolve(outcome('done')) } = overrides;
    return engine.execute(
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
      client.disconnect();
    },
  };
}
