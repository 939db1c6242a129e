import assert from 'node:assert/strict';
import type { OutcomeStatus } from '../core/record/record.js';
import {
  beginRequest,
  claim,
  completion,
  lentView,
  rival,
  SECOND_MS,
  SHORT_MS,
} from './contract-case.js';
import type { StoreContractCase } from './contract-case.js';

const STATUSES: readonly OutcomeStatus[] = ['value', 'error', 'response', 'unavailable', 'failed'];

const everyByte = Uint8Array.from({ length: 256 }, (_, byte) => byte);
const megabyte = Uint8Array.from({ length: 1_048_576 }, (_, index) => (index * 31) % 256);

/** Cases about `complete`. */
export const outcomeCases: readonly StoreContractCase[] = [
  {
    name: 'an outcome is kept with its status, attempt, fence and every byte of its payload',
    async run({ store, other }) {
      for (const status of STATUSES) {
        // The last two statuses carry no payload.
        const payloads = ['value', 'error', 'response'].includes(status)
          ? [everyByte, megabyte, new TextEncoder().encode('\u0000')]
          : [new Uint8Array()];
        for (const payload of payloads) {
          const begin = beginRequest();
          const claimed = await claim(store, begin);
          const stored = await store.complete(completion(begin, claimed, { status, payload }));
          assert.ok(stored.kind === 'stored');
          assert.equal(stored.recreated, false);
          const reply = await other.begin(rival(begin));
          assert.ok(reply.kind === 'completed');
          const { payload: kept, ...outcome } = reply.outcome;
          assert.ok(Buffer.from(kept).equals(payload));
          assert.deepEqual(outcome, {
            ...{ status, attempt: 1, fence: claimed.fence },
            expiresAtMs: stored.expiresAtMs,
          });
        }
      }
    },
  },
  {
    name: 'of a payload its bytes are kept, and neither its buffer nor the object itself',
    async run({ store, other }) {
      const begin = beginRequest();
      const claimed = await claim(store, begin);
      const { view, reuse } = lentView(everyByte);
      await store.complete(completion(begin, claimed, { payload: view }));
      reuse();
      for (const seen of [store, other]) {
        const reply = await seen.begin(rival(begin));
        assert.ok(reply.kind === 'completed');
        assert.ok(Buffer.from(reply.outcome.payload).equals(everyByte));
      }
    },
  },
  {
    name: 'the first outcome wins: the same owner changes nothing by completing again',
    async run({ store }) {
      const begin = beginRequest();
      const claimed = await claim(store, begin);
      const first = await store.complete(completion(begin, claimed));
      const payload = new TextEncoder().encode('another');
      const second = await store.complete(completion(begin, claimed, { payload, ttlMs: 1_000 }));
      assert.deepEqual(second, first);
      const reply = await store.begin(rival(begin));
      assert.ok(reply.kind === 'completed');
      assert.equal(Buffer.from(reply.outcome.payload).toString(), 'the outcome');
    },
  },
  {
    name: 'who does not own the record cannot complete it, and gets the outcome of who did',
    async run({ store }) {
      const begin = beginRequest();
      const claimed = await claim(store, begin);
      const payload = new TextEncoder().encode('stolen');
      const theft = completion(rival(begin), claimed, { payload });
      assert.deepEqual(await store.complete(theft), { kind: 'superseded', outcome: undefined });
      await store.complete(completion(begin, claimed));
      const reply = await store.complete(theft);
      assert.ok(reply.kind === 'superseded');
      assert.equal(Buffer.from(reply.outcome?.payload ?? []).toString(), 'the outcome');
      const { fingerprint } = beginRequest();
      assert.deepEqual(await store.complete({ ...theft, fingerprint }), {
        kind: 'superseded',
        outcome: undefined,
      });
    },
  },
  {
    name: 'nor can its owner for other arguments than it claimed it with',
    async run({ store }) {
      const begin = beginRequest();
      const claimed = await claim(store, begin);
      const { fingerprint } = beginRequest();
      assert.deepEqual(await store.complete({ ...completion(begin, claimed), fingerprint }), {
        kind: 'superseded',
        outcome: undefined,
      });
      assert.equal((await store.begin(rival(begin))).kind, 'running');
    },
  },
  {
    name: 'an outcome whose claim was forgotten is put back, and that is said',
    async run({ store, pass }) {
      // Long enough for replicas to confirm the claim on a busy machine.
      const begin = beginRequest({ leaseMs: SHORT_MS, retentionMs: SECOND_MS });
      const claimed = await claim(store, begin);
      await pass(SECOND_MS + 10);
      const reply = await store.complete(completion(begin, claimed));
      assert.ok(reply.kind === 'stored');
      assert.equal(reply.recreated, true);
      assert.equal((await store.begin(rival(begin))).kind, 'completed');
    },
  },
  {
    name: 'an outcome is kept for its time to live, counted from completion',
    async run({ store, pass }) {
      const begin = beginRequest();
      const claimed = await claim(store, begin);
      await pass(SHORT_MS);
      await store.complete(completion(begin, claimed, { ttlMs: SECOND_MS }));
      assert.equal((await store.begin(rival(begin))).kind, 'completed');
      await pass(SECOND_MS + 10);
      assert.deepEqual(await store.peek(begin), { kind: 'vacant' });
      assert.equal((await claim(store, rival(begin))).attempt, 1);
    },
  },
];
