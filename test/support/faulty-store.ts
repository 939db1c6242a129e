import type { IdempotencyStore } from '../../src/index.js';

/** A fault of a call of a store. */
export type StoreFault = 'reject' | 'hang' | 'loseReply' | 'throw' | undefined;

/**
 * The store, except for the calls that `fail` says something about.
 *
 * @param fail - is told the method and its request
 */
export function faulty(
  store: IdempotencyStore,
  fail: (method: string, request: { readonly recordId?: string }) => StoreFault,
): IdempotencyStore {
  return new Proxy(store, {
    get(target, name: keyof IdempotencyStore) {
      const member: unknown = Reflect.get(target, name);
      if (typeof member !== 'function') return member;
      const call = member as (...all: unknown[]) => unknown;
      return (...args: unknown[]): unknown => {
        const fault = fail(name, args[0] ?? {});
        if (fault === 'throw') throw new Error('The store is broken.');
        if (fault === 'reject') return Promise.reject(new Error('The store is away.'));
        if (fault === 'hang') return new Promise(() => undefined);
        const reply = call.apply(target, args);
        return fault === 'loseReply' ? new Promise(() => undefined) : reply;
      };
    },
  });
}
