import assert from 'node:assert/strict';
import type { RecordAdmin, Settlement } from '../core/record/record-admin.js';
import type { IdempotencyStore } from '../core/record/store.js';
import { beginRequest, claim, completion, LONG_MS, rival, SHORT_MS } from './contract-case.js';
import type { StoreContractCase, StoreSubject } from './contract-case.js';

type Administered = IdempotencyStore & RecordAdmin;

/** A case about what a store may offer to operators: one that offers nothing of it keeps it. */
function adminCase(
  name: string,
  run: (subject: StoreSubject & { readonly store: Administered }) => Promise<void>,
): StoreContractCase {
  return {
    name: `for operators: ${name}`,
    async run(subject) {
      const { inspect, settle, forget } = subject.store;
      const offered = [inspect, settle, forget].filter((method) => method !== undefined);
      assert.ok(offered.length === 0 || offered.length === 3, 'All three are offered, or none.');
      if (offered.length === 3) await run({ ...subject, store: subject.store as Administered });
    },
  };
}

const SETTLED = new TextEncoder().encode('settled');

function settlement(): Settlement {
  const { owner } = beginRequest();
  return { kind: 'outcome', status: 'value', payload: SETTLED, ttlMs: LONG_MS, owner };
}

/** Cases about operators: `inspect`, `settle` and `forget`. */
export const adminCases: readonly StoreContractCase[] = [
  adminCase('a look tells everything of a record, and changes nothing', async (subject) => {
    const { store, pass } = subject;
    const begin = beginRequest({ leaseMs: SHORT_MS, onLapse: 'rerun' });
    const { recordId } = begin;
    assert.deepEqual(await store.inspect(recordId), { state: 'absent' });
    const claimed = await claim(store, begin);
    const step = { ...begin, name: 'charge', state: 'value', payload: SETTLED } as const;
    await store.step({ ...step, leaseMs: LONG_MS });
    await store.begin(rival(begin));
    const found = await store.inspect(recordId);
    assert.ok(found.state === 'running');
    const { nowMs, leaseRemainingMs = 0, expiresAtMs, steps, ...rest } = found;
    assert.ok(leaseRemainingMs > LONG_MS / 2 && leaseRemainingMs <= LONG_MS);
    assert.ok(expiresAtMs > nowMs);
    assert.deepEqual(
      [...steps].map(([name, { state, payload }]) => [name, state, Buffer.from(payload)]),
      [['charge', 'value', Buffer.from(SETTLED)]],
    );
    const { fence } = claimed;
    const expected = { state: 'running', attempt: 1, fence, leaseMs: LONG_MS, onLapse: 'rerun' };
    for (const [name, value] of Object.entries({ ...expected, awaited: true })) {
      assert.equal((rest as Readonly<Record<string, unknown>>)[name], value, name);
    }
    await store.step({ ...step, leaseMs: SHORT_MS });
    await pass(SHORT_MS + 10);
    const lapsed = await store.inspect(recordId);
    assert.ok(lapsed.state === 'lapsed' && (lapsed.leaseRemainingMs ?? 0) < 0);
    await store.release({ ...begin, mode: 'keep' });
    assert.equal((await store.inspect(recordId)).state, 'released');
    const next = rival(begin);
    const stored = await store.complete(completion(next, await claim(store, next)));
    const completed = await store.inspect(recordId);
    assert.ok(completed.state === 'completed' && stored.kind === 'stored');
    assert.equal(completed.expiresAtMs, stored.expiresAtMs);
    assert.equal(Buffer.from(completed.payload).toString(), 'the outcome');
  }),
  adminCase('a late owner answers with what was settled, never with its own', async (subject) => {
    const { store, other, pass } = subject;
    const begin = beginRequest({ leaseMs: SHORT_MS });
    const claimed = await claim(store, begin);
    await pass(SHORT_MS + 10);
    const { recordId } = begin;
    const { fence } = claimed;
    assert.equal(await store.settle({ recordId, fence, settlement: settlement() }), 'done');
    assert.equal(await store.renew(begin), 'lost');
    const late = await store.complete(completion(begin, claimed));
    assert.ok(late.kind === 'superseded');
    assert.equal(Buffer.from(late.outcome?.payload ?? []).toString(), 'settled');
    const reply = await other.begin(rival(begin));
    assert.ok(reply.kind === 'completed' && reply.outcome.fence > fence);
    assert.equal(Buffer.from(reply.outcome.payload).toString(), 'settled');
  }),
  adminCase('a record that is to run again takes a late outcome until then', async (subject) => {
    const { store, pass } = subject;
    for (const runsFirst of [true, false]) {
      const begin = beginRequest({ leaseMs: SHORT_MS });
      const claimed = await claim(store, begin);
      await pass(SHORT_MS + 10);
      const request = { recordId: begin.recordId, fence: claimed.fence };
      const rerun = { ...request, settlement: { kind: 'rerun' } } as const;
      assert.equal(await store.settle(rerun), 'done');
      assert.equal(await store.settle(rerun), 'done');
      if (runsFirst) {
        const next = await claim(store, rival(begin));
        assert.equal(next.attempt, 2);
        assert.equal(next.previous, 'released');
      }
      const late = await store.complete(completion(begin, claimed));
      assert.equal(late.kind, runsFirst ? 'superseded' : 'stored');
    }
  }),
  adminCase('nothing is changed that is not as it was looked at', async ({ store, pass }) => {
    const begin = beginRequest({ leaseMs: SHORT_MS, onLapse: 'rerun' });
    const { recordId } = begin;
    const end = (fence: number) => store.settle({ recordId, fence, settlement: settlement() });
    assert.equal(await end(1), 'absent');
    assert.equal(await store.forget({ recordId, fence: 1, alsoRunning: true }), 'absent');
    const first = await claim(store, { ...begin, leaseMs: LONG_MS });
    assert.equal(await end(first.fence), 'running');
    const kept = { recordId, fence: first.fence, alsoRunning: false };
    assert.equal(await store.forget(kept), 'running');
    await store.step({
      ...{ ...begin, name: 'a', state: 'unavailable', payload: new Uint8Array() },
    });
    await pass(SHORT_MS + 10);
    const next = rival(begin);
    const second = await claim(store, next);
    await pass(SHORT_MS + 10);
    assert.equal(await end(first.fence), 'changed');
    for (const fence of [first.fence, undefined]) {
      assert.equal(await store.forget({ recordId, fence, alsoRunning: true }), 'changed');
    }
    assert.equal((await store.inspect(recordId)).state, 'lapsed');
    await store.complete(completion(next, second));
    assert.equal(await end(second.fence), 'completed');
  }),
  adminCase('what is forgotten runs as if there had been nothing', async ({ store, other }) => {
    const begin = beginRequest();
    const { recordId } = begin;
    const { fence } = await claim(store, begin);
    await store.step({ ...begin, name: 'a', state: 'value', payload: SETTLED });
    assert.equal(await store.forget({ recordId, fence, alsoRunning: true }), 'done');
    assert.deepEqual(await store.inspect(recordId), { state: 'absent' });
    const again = rival(begin);
    const claimed = await claim(other, again);
    assert.equal(claimed.attempt, 1);
    assert.equal(claimed.steps.size, 0);
    assert.ok(claimed.fence > fence);
    await store.complete(completion(again, claimed));
    const found = { recordId, fence: claimed.fence, alsoRunning: false };
    assert.equal(await store.forget(found), 'done');
    assert.deepEqual(await store.peek(begin), { kind: 'vacant' });
  }),
];
