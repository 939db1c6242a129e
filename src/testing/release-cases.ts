import assert from 'node:assert/strict';
import { beginRequest, claim, completion, LONG_MS, rival, SHORT_MS } from './contract-case.js';
import type { StoreContractCase } from './contract-case.js';

/** Cases about claims that are given up. */
export const releaseCases: readonly StoreContractCase[] = [
  {
    name: 'an erased claim leaves nothing but a larger fence',
    async run({ store }) {
      const begin = beginRequest();
      const first = await claim(store, begin);
      assert.equal(await store.release({ ...begin, mode: 'erase' }), 'released');
      assert.deepEqual(await store.peek(begin), { kind: 'vacant' });
      const second = await claim(store, rival(begin));
      assert.equal(second.attempt, 1);
      assert.equal(second.previous, 'none');
      assert.ok(second.fence > first.fence);
    },
  },
  {
    name: 'a claim that is kept is claimed next as a further attempt, whatever the policy',
    async run({ store }) {
      const begin = beginRequest();
      const first = await claim(store, begin);
      assert.equal(await store.release({ ...begin, mode: 'keep' }), 'released');
      assert.equal(await store.release({ ...begin, mode: 'keep' }), 'released');
      assert.deepEqual(await store.peek(begin), { kind: 'vacant' });
      const second = await claim(store, rival(begin));
      assert.equal(second.attempt, 2);
      assert.equal(second.previous, 'released');
      assert.ok(second.fence > first.fence);
    },
  },
  {
    name: 'a first attempt that withdraws leaves no trace',
    async run({ store }) {
      const begin = beginRequest();
      await claim(store, begin);
      assert.equal(await store.release({ ...begin, mode: 'withdraw' }), 'released');
      assert.deepEqual(await store.peek(begin), { kind: 'vacant' });
      assert.equal((await claim(store, rival(begin))).attempt, 1);
    },
  },
  {
    name: 'a later attempt that withdraws leaves the record lapsed, and its late owner may complete',
    async run({ store, pass }) {
      const begin = beginRequest({ leaseMs: SHORT_MS });
      const claimed = await claim(store, begin);
      await pass(SHORT_MS + 10);
      const next = rival(begin, { onLapse: 'recover', leaseMs: LONG_MS });
      await claim(store, next);
      assert.equal(await store.release({ ...next, mode: 'withdraw' }), 'released');
      assert.deepEqual(await store.begin(rival(begin)), { kind: 'lapsed', attempt: 1 });
      assert.equal((await claim(store, rival(next))).attempt, 2);
      const late = beginRequest({ leaseMs: SHORT_MS });
      const lateClaim = await claim(store, late);
      await pass(SHORT_MS + 10);
      const asker = rival(late, { onLapse: 'recover' });
      await claim(store, asker);
      await store.release({ ...asker, mode: 'withdraw' });
      assert.equal((await store.complete(completion(late, lateClaim))).kind, 'stored');
      assert.equal((await store.complete(completion(begin, claimed))).kind, 'superseded');
    },
  },
  {
    name: 'a later attempt that withdraws leaves a released record released',
    async run({ store }) {
      const begin = beginRequest();
      await claim(store, begin);
      await store.release({ ...begin, mode: 'keep' });
      const next = rival(begin);
      await claim(store, next);
      assert.equal(await store.release({ ...next, mode: 'withdraw' }), 'released');
      const last = await claim(store, rival(begin));
      assert.equal(last.attempt, 2);
      assert.equal(last.previous, 'released');
    },
  },
  {
    name: 'only the owner can release, and only what is in progress',
    async run({ store }) {
      const begin = beginRequest();
      assert.equal(await store.release({ ...begin, mode: 'erase' }), 'lost');
      const claimed = await claim(store, begin);
      assert.equal(await store.release({ ...rival(begin), mode: 'erase' }), 'lost');
      assert.equal((await store.begin(rival(begin))).kind, 'running');
      await store.complete(completion(begin, claimed));
      assert.equal(await store.release({ ...begin, mode: 'erase' }), 'lost');
      assert.equal((await store.begin(rival(begin))).kind, 'completed');
    },
  },
  {
    name: 'a renewal does not revive a claim that was given up',
    async run({ store }) {
      const begin = beginRequest();
      await claim(store, begin);
      await store.release({ ...begin, mode: 'keep' });
      assert.equal(await store.renew(begin), 'lost');
      assert.deepEqual(await store.peek(begin), { kind: 'vacant' });
    },
  },
];
