import { decodeValue, encodeValue } from '../../src/core/codec.js';
import type { ExecuteRequest, Outcome } from '../../src/core/execute-request.js';
import type { StepCodec } from '../../src/core/steps.js';
import type { IdempotencyStore } from '../../src/index.js';

/** What a test wants other than usual. */
export type RequestOverrides = Partial<Omit<ExecuteRequest<string>, 'policy'>> & {
  policy?: Partial<ExecuteRequest<string>['policy']>;
};

export const LEASE_MS = 3_000;

/** An execution that ended with a text. */
export function outcome(text: string): Outcome<string> {
  return { kind: 'outcome', status: 'value', payload: Buffer.from(text), answer: text };
}

/** Keeps plain values. */
const stepCodec: StepCodec = {
  encode: (value, bytesMax) => Promise.resolve(encodeValue(value, { bytesMax })),
  decode: (payload) =>
    decodeValue(payload, {
      onTyped: () => undefined,
      createInstance: () => ({}),
      parseScalar: (_scalar, serialized) => serialized,
    }),
};

/** A request for an engine, which by itself ends with `done`. */
export function request(overrides: RequestOverrides = {}): ExecuteRequest<string> {
  return {
    operation: 'Mutation.pay',
    scope: 'alice',
    key: 'k1',
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

/** A promise that the test settles. */
export function deferred<T>(): { promise: Promise<T>; resolve: (value: T) => void } {
  let resolve: (value: T) => void = () => undefined;
  const promise = new Promise<T>((settlePromise) => {
    resolve = settlePromise;
  });
  return { promise, resolve };
}

/** The store, except for the calls that `fail` says something about. */
export function faulty(
  store: IdempotencyStore,
  fail: (method: string) => 'reject' | 'hang' | 'loseReply' | undefined,
): IdempotencyStore {
  return new Proxy(store, {
    get(target, name: keyof IdempotencyStore) {
      const member: unknown = Reflect.get(target, name);
      if (typeof member !== 'function') return member;
      return async (...args: unknown[]): Promise<unknown> => {
        const fault = fail(name);
        if (fault === 'reject') throw new Error('The store is away.');
        if (fault === 'hang') return new Promise(() => undefined);
        const reply: unknown = await (member as (...all: unknown[]) => unknown).apply(target, args);
        return fault === 'loseReply' ? new Promise(() => undefined) : reply;
      };
    },
  });
}
