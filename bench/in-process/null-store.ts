import type { IdempotencyStore, RecordedStep } from '../../src/index.js';

/** Grants every claim at once and keeps nothing: what is left is what the library itself takes. */
export function createNullStore(): IdempotencyStore {
  let fence = 0;
  return {
    name: 'null',
    begin() {
      fence += 1;
      return Promise.resolve({
        kind: 'claimed',
        fence,
        attempt: 1,
        previous: 'none',
        steps: NO_STEPS,
      });
    },
    peek: () => Promise.resolve({ kind: 'vacant' }),
    complete: ({ ttlMs }) =>
      Promise.resolve({ kind: 'stored', expiresAtMs: Date.now() + ttlMs, recreated: false }),
    renew: () => Promise.resolve('renewed'),
    step: () => Promise.resolve('recorded'),
    release: () => Promise.resolve('released'),
    watch: () => Promise.resolve(() => undefined),
    ping: () => Promise.resolve(),
    check: () => Promise.resolve({ problems: [], refuses: false }),
    close: () => Promise.resolve(),
  };
}

const NO_STEPS = new Map<string, RecordedStep>();
