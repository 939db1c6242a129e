import assert from 'node:assert/strict';
import {
  beginRequest,
  claim,
  completion,
  LONG_MS,
  rival,
  SECOND_MS,
  SHORT_MS,
} from './contract-case.js';
import type { StoreContractCase } from './contract-case.js';

/** Cases about `begin` and `peek` on live records. */
export const claimCases: readonly StoreContractCase[] = [
  {
    name: 'a record that is absent is claimed, as attempt 1 after nothing',
    async run({ store }) {
      const claimed = await claim(store, beginRequest());
      assert.equal(claimed.attempt, 1);
      assert.equal(claimed.previous, 'none');
      assert.equal(claimed.steps.size, 0);
      assert.ok(Number.isSafeInteger(claimed.fence) && claimed.fence > 0);
    },
  },
  {
    name: 'a second owner is told that the record is running, and for how long its lease still lasts',
    async run({ store, other }) {
      const begin = beginRequest();
      await claim(store, begin);
      for (const view of [store, other]) {
        const reply = await view.begin(rival(begin));
        assert.ok(reply.kind === 'running');
        assert.equal(reply.attempt, 1);
        assert.ok(reply.leaseRemainingMs > 0 && reply.leaseRemainingMs <= LONG_MS);
      }
    },
  },
  {
    name: 'the same begin sent again is the same claim',
    async run({ store, other }) {
      const begin = beginRequest();
      const first = await claim(store, begin);
      assert.deepEqual(await claim(store, begin), first);
      assert.deepEqual(await claim(other, begin), first);
    },
  },
  {
    name: 'of many claims at once exactly one succeeds',
    async run({ store, other }) {
      const begin = beginRequest();
      const replies = await Promise.all(
        Array.from({ length: 50 }, (_, index) =>
          (index % 2 === 0 ? store : other).begin(rival(begin)),
        ),
      );
      const kinds = replies.map(({ kind }) => kind);
      assert.equal(kinds.filter((kind) => kind === 'claimed').length, 1);
      assert.equal(kinds.filter((kind) => kind === 'running').length, 49);
    },
  },
  {
    name: 'other arguments are a mismatch, while it runs and afterwards, and nothing else is told',
    async run({ store }) {
      const begin = beginRequest();
      const { fingerprint } = beginRequest();
      const claimed = await claim(store, begin);
      const stranger = rival(begin, { fingerprint });
      assert.deepEqual(await store.begin(stranger), { kind: 'mismatch' });
      assert.deepEqual(await store.peek(stranger), { kind: 'mismatch' });
      await store.complete(completion(begin, claimed));
      assert.deepEqual(await store.begin(stranger), { kind: 'mismatch' });
      assert.deepEqual(await store.peek(stranger), { kind: 'mismatch' });
    },
  },
  {
    name: 'peek tells what is in the record and changes nothing',
    async run({ store }) {
      const begin = beginRequest();
      assert.deepEqual(await store.peek(begin), { kind: 'vacant' });
      const claimed = await claim(store, begin);
      assert.equal((await store.peek(begin)).kind, 'running');
      assert.deepEqual(await claim(store, begin), claimed);
      await store.complete(completion(begin, claimed));
      const found = await store.peek(begin);
      assert.deepEqual(found, await store.begin(rival(begin)));
      assert.equal(found.kind, 'completed');
    },
  },
  {
    name: 'a record in progress is forgotten after its retention',
    async run({ store, pass }) {
      // Long enough for replicas to confirm the claim on a busy machine.
      const begin = beginRequest({ leaseMs: SHORT_MS, retentionMs: SECOND_MS });
      const first = await claim(store, begin);
      await pass(SECOND_MS + 10);
      const second = await claim(store, rival(begin));
      assert.equal(second.attempt, 1);
      assert.equal(second.previous, 'none');
      assert.ok(second.fence > first.fence);
    },
  },
  {
    name: 'a store that can be asked answers a ping',
    async run({ store, other }) {
      await store.ping();
      await other.ping();
    },
  },
];
