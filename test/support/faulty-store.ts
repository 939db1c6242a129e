import type { IdempotencyStore } from '../../src/index.js';

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
