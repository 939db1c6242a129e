import { MemoryStore, type Clock, type IdempotencyStore } from '../../../src/index.js';
import type { StoreSetup } from './history.js';

/** Changes some of the methods of a store. */
type Breakage = (store: IdempotencyStore) => Partial<IdempotencyStore>;

function broken(breakage: Breakage, clockOf = (clock: Clock): Clock => clock): StoreSetup {
  return {
    open(clock) {
      const store = new MemoryStore({ clock: clockOf(clock) });
      const methods: IdempotencyStore = {
        name: 'broken',
        begin: (request) => store.begin(request),
        peek: (request) => store.peek(request),
        complete: (request) => store.complete(request),
        renew: (request) => store.renew(request),
        step: (request) => store.step(request),
        release: (request) => store.release(request),
        watch: (recordId, onChange) => store.watch(recordId, onChange),
        ping: () => store.ping(),
        check: () => store.check(),
        close: () => store.close(),
      };
      return { ...methods, ...breakage(methods) };
    },
    keepsDeadlines: true,
  };
}

/** Remembers who claimed each record last, for stores that do not care who asks. */
function withOwners(
  breakage: (
    store: IdempotencyStore,
    owner: <T extends { recordId: string; owner: string }>(request: T) => T,
  ) => Partial<IdempotencyStore>,
): Breakage {
  return (store) => {
    const owners = new Map<string, string>();
    return {
      async begin(request) {
        const reply = await store.begin(request);
        if (reply.kind === 'claimed') owners.set(request.recordId, request.owner);
        return reply;
      },
      ...breakage(store, (request) => ({
        ...request,
        owner: owners.get(request.recordId) ?? request.owner,
      })),
    };
  };
}

/** Store setups that break one rule of the contract each, and which promise falls with it. */
export const BROKEN_SETUPS: readonly { name: string; storeSetup: StoreSetup; promise: RegExp }[] = [
  {
    name: 'completes a record without asking whose it is',
    storeSetup: broken(
      withOwners((store, owned) => ({ complete: (request) => store.complete(owned(request)) })),
    ),
    promise: /a key has one answer/,
  },
  {
    name: 'releases a record without asking whose it is',
    storeSetup: broken(
      withOwners((store, owned) => ({ release: (request) => store.release(owned(request)) })),
    ),
    promise: /entered again/,
  },
  {
    name: 'takes a claim that is sent again for a claim of somebody else',
    storeSetup: broken((store) => {
      const seen = new Set<string>();
      return {
        begin(request) {
          const again = seen.has(request.owner);
          seen.add(request.owner);
          return store.begin(again ? { ...request, owner: `${request.owner}-again` } : request);
        },
      };
    }),
    promise: /a retry is answered, or told the truth/,
  },
  {
    name: 'claims after the deadline',
    storeSetup: { ...broken(() => ({})), keepsDeadlines: false },
    promise: /a retry is answered, or told the truth/,
  },
  {
    name: 'lets a record expire with its lease',
    storeSetup: broken((store) => ({
      begin: (request) => store.begin({ ...request, retentionMs: request.leaseMs }),
    })),
    promise: /entered again/,
  },
  {
    name: 'lets a lease end early',
    storeSetup: broken(
      () => ({}),
      (clock) => ({ ...clock, now: () => clock.now() * 2, wallMs: () => clock.wallMs() }),
    ),
    promise: /before its lease ended/,
  },
  {
    name: 'lets anybody take over',
    storeSetup: broken((store) => ({
      begin: (request) => store.begin({ ...request, onLapse: 'recover' }),
    })),
    promise: /entered again/,
  },
  {
    name: 'does not compare arguments',
    storeSetup: broken((store) => ({
      begin: (request) => store.begin({ ...request, fingerprint: '' }),
      peek: (request) => store.peek({ ...request, fingerprint: '' }),
      complete: (request) => store.complete({ ...request, fingerprint: '' }),
    })),
    promise: /belongs to its arguments/,
  },
  {
    name: 'forgets steps',
    storeSetup: broken(() => ({ step: () => Promise.resolve('recorded') })),
    promise: /recorded step|may run once/,
  },
];
