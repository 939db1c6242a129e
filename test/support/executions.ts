import { randomBytes } from 'node:crypto';
import { Engine } from '../../src/core/engine/engine.js';
import { createEvents } from '../../src/core/events.js';
import { recordIdOf } from '../../src/core/record/key.js';
import { decodeValue, encodeValue } from '../../src/core/codec.js';
import type { StepCodec } from '../../src/core/engine/attempt/steps.js';
import type { Clock, IdempotencyEvent, IdempotencyStore } from '../../src/index.js';
import type { Answer, ExecuteRequest, Failure, Outcome } from './execute.js';

/** The properties of a request that a test sets. */
export type RequestOverrides = Partial<Omit<ExecuteRequest<string>, 'policy'>> & {
  readonly policy?: Partial<ExecuteRequest<string>['policy']>;
};

/** An engine whose store has a second for each answer; it adds what it reports to `events`. */
export function openEngine(
  store: IdempotencyStore,
  clock: Clock,
  events: IdempotencyEvent[],
): Engine {
  return new Engine({
    store,
    storeTimeoutMs: 1_000,
    events: createEvents((event) => events.push(event)),
    randomBytes,
    clock,
  });
}

/** The lease of a {@link request}, in milliseconds. */
export const LEASE_MS = 3_000;

/** The largest value of a step or a transaction. */
const RESULT_BYTES_MAX = 1_048_576;

/** Keeps plain values. */
const stepCodec: StepCodec = {
  encode: (value, bytesMax) =>
    encodeValue(value, { bytesMax: Math.min(bytesMax, RESULT_BYTES_MAX) }),
  decode: (payload) =>
    decodeValue(payload, {
      createInstance: () => ({}),
      createTyped: () => ({}),
    }),
};

/** A request that answers `done`. */
export function request(overrides: RequestOverrides = {}): ExecuteRequest<string> {
  const { operation = 'Mutation.pay', scope = 'alice', key = 'k1' } = overrides;
  return {
    operation,
    scope,
    key,
    recordId: recordIdOf(scope, operation, key),
    fingerprint: 'f'.repeat(43),
    run: () => Promise.resolve(outcome('done')),
    recover: undefined,
    stepCodec,
    ...overrides,
    policy: {
      ttlMs: 60_000,
      waitMs: 5_000,
      leaseMs: LEASE_MS,
      onError: 'RELEASE',
      onCrash: 'REJECT',
      ...overrides.policy,
    },
  };
}

/** An execution that ended with a text. */
export function outcome(text: string): Outcome<string> {
  return { kind: 'outcome', status: 'value', payload: Buffer.from(text), answer: text };
}

/** An execution that ended in a failure. */
export function failure(message: string): Failure {
  return { kind: 'failure', error: new Error(message), declined: false };
}

/** The text of an answer, from the request's own execution or from a record. */
export function textOf(answer: Answer<string>): string {
  return answer.kind === 'executed'
    ? answer.answer
    : Buffer.from(answer.outcome.payload).toString();
}

/** The code with which a request was refused; `answered` if it was not. */
export async function codeOf(answered: Promise<unknown>): Promise<unknown> {
  return answered.then(
    () => 'answered',
    (error: unknown) => (error as { code?: unknown }).code ?? error,
  );
}

/** A promise that the test settles. */
export function deferred<T>(): {
  readonly promise: Promise<T>;
  readonly resolve: (value: T) => void;
} {
  let resolve: (value: T) => void = () => undefined;
  const promise = new Promise<T>((settlePromise) => {
    resolve = settlePromise;
  });
  return { promise, resolve };
}
