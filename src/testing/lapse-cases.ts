import assert from 'node:assert/strict';
import { ATTEMPTS_MAX } from '../core/record/record.js';
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

const shortLease = { leaseMs: SHORT_MS } as const;

/** Cases about owners that fall silent. */
export const lapseCases: readonly StoreContractCase[] = [
  {
    name: 'a lapsed record is never claimed by who may not take over, nor if its first owner forbade it',
    async run({ store, pass }) {
      for (const [first, second] of [
        ['reject', 'reject'],
        ['reject', 'rerun'],
        ['rerun', 'reject'],
        ['recover', 'rerun'],
      ] as const) {
        const begin = beginRequest({ ...shortLease, onLapse: first });
        await claim(store, begin);
        await pass(SHORT_MS + 10);
        const next = rival(begin, { onLapse: second });
        assert.deepEqual(await store.begin(next), { kind: 'lapsed', attempt: 1 });
        assert.deepEqual(await store.peek(next), { kind: 'lapsed', attempt: 1 });
      }
    },
  },
  {
    name: 'a lapsed record is taken over by one new owner, with the next attempt and a larger fence',
    async run({ store, other, pass }) {
      for (const [first, second] of [
        ['rerun', 'rerun'],
        ['reject', 'recover'],
        ['rerun', 'recover'],
      ] as const) {
        const begin = beginRequest({ ...shortLease, onLapse: first });
        const before = await claim(store, begin);
        await pass(SHORT_MS + 10);
        const rivals = Array.from({ length: 10 }, () =>
          rival(begin, { onLapse: second, leaseMs: LONG_MS }),
        );
        const replies = await Promise.all(
          rivals.map((next, index) => (index % 2 === 0 ? store : other).begin(next)),
        );
        const [winner, ...others] = replies.filter(({ kind }) => kind === 'claimed');
        assert.ok(winner?.kind === 'claimed');
        assert.equal(others.length, 0);
        assert.equal(winner.attempt, 2);
        assert.equal(winner.previous, 'lapsed');
        assert.ok(winner.fence > before.fence);
      }
    },
  },
  {
    name: 'an owner that was replaced can neither renew, release nor complete',
    async run({ store, pass }) {
      const begin = beginRequest({ ...shortLease, onLapse: 'rerun' });
      const claimed = await claim(store, begin);
      await pass(SHORT_MS + 10);
      const next = rival(begin, { leaseMs: LONG_MS });
      const replacement = await claim(store, next);
      assert.equal(await store.renew(begin), 'lost');
      for (const mode of ['erase', 'keep', 'withdraw'] as const) {
        assert.equal(await store.release({ ...begin, mode }), 'lost');
      }
      assert.equal((await store.complete(completion(begin, claimed))).kind, 'superseded');
      assert.deepEqual(await claim(store, next), replacement);
    },
  },
  {
    name: 'an owner that lapsed may complete and renew as long as nobody replaced it',
    async run({ store, pass }) {
      const begin = beginRequest(shortLease);
      const claimed = await claim(store, begin);
      await pass(SHORT_MS + 10);
      assert.equal((await store.begin(rival(begin))).kind, 'lapsed');
      assert.equal(await store.renew({ ...begin, leaseMs: LONG_MS }), 'renewed');
      assert.equal((await store.begin(rival(begin))).kind, 'running');
      assert.equal((await store.complete(completion(begin, claimed))).kind, 'stored');
      assert.equal((await store.begin(rival(begin))).kind, 'completed');
    },
  },
  {
    name: 'renewals prolong leases and retention, each by itself',
    async run({ store, pass }) {
      const short = { ...shortLease, retentionMs: SECOND_MS };
      const renewed = beginRequest(short);
      const ended = beginRequest();
      await claim(store, renewed);
      await store.complete(completion(ended, await claim(store, ended)));
      const long = { leaseMs: LONG_MS, retentionMs: 2 * LONG_MS };
      const requests = [{ ...beginRequest(), ...long }, { ...renewed, ...long }, ended];
      assert.deepEqual(await Promise.all(requests.map((request) => store.renew(request))), [
        'lost',
        'renewed',
        'lost',
      ]);
      await pass(SECOND_MS + 10);
      assert.equal((await store.begin(rival(renewed))).kind, 'running');
    },
  },
  {
    name: `a record is not claimed more than ${String(ATTEMPTS_MAX)} times`,
    async run({ store }) {
      const first = beginRequest();
      for (let attempt = 1; attempt <= ATTEMPTS_MAX; attempt += 1) {
        const begin = rival(first);
        assert.equal((await claim(store, begin)).attempt, attempt);
        assert.equal(await store.release({ ...begin, mode: 'keep' }), 'released');
      }
      const lapsed = { kind: 'lapsed', attempt: ATTEMPTS_MAX };
      assert.deepEqual(await store.begin(rival(first, { onLapse: 'recover' })), lapsed);
      assert.deepEqual(await store.peek(first), lapsed);
    },
  },
];
