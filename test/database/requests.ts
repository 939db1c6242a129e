import { randomBytes } from 'node:crypto';

import { Engine } from '../../src/core/engine/engine.js';
import { createEvents } from '../../src/core/events.js';
import {
  MemoryStore,
  type Cipher,
  type Clock,
  type Execution,
  type IdempotencyEvent,
  type IdempotencyStore,
} from '../../src/index.js';
import { request, type RequestOverrides } from '../support/executions.js';
import { execute } from '../support/execute.js';

/** How a request is sent that a resolver answers. */
export interface SendOptions {
  /** Where records are. A new one each time: a store that has forgotten everything. */
  readonly store?: IdempotencyStore;
  readonly cipher?: Cipher;
  /** @defaultValue the process's own */
  readonly clock?: Clock;
  readonly overrides?: RequestOverrides;
  readonly events?: IdempotencyEvent[];
}

/**
 * Sends one request to a server of its own, whose resolver is `act`.
 *
 * @returns what `act` gave; what it threw is thrown
 */
export async function send<T>(
  act: (execution: Execution) => Promise<T>,
  { store = new MemoryStore(), cipher, clock, overrides = {}, events = [] }: SendOptions = {},
): Promise<T> {
  const engine = new Engine({
    store,
    storeTimeoutMs: 1_000,
    events: createEvents((event) => events.push(event)),
    randomBytes,
    cipher,
    clock,
  });
  let value: T | undefined;
  const answer = await execute<T>(
    engine,
    request({
      ...overrides,
      policy: { onCrash: 'RERUN', ...overrides.policy },
      run: async (execution) => {
        try {
          value = await act(execution);
          return { kind: 'outcome', status: 'value', payload: Buffer.of(1), answer: '' };
        } catch (error) {
          return { kind: 'failure', error, declined: false };
        }
      },
    }) as never,
  );
  engine.stop();
  if (answer.kind !== 'executed') throw new Error('It was replayed from the store.');
  return value as T;
}
