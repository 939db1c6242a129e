import assert from 'node:assert/strict';
import type { IdempotencyStore } from '../core/record/store.js';
import { beginRequest, claim, completion, rival } from './contract-case.js';
import type { StoreContractCase, StoreSubject } from './contract-case.js';

const PATIENCE_MS = 5_000;
const GLANCE_MS = 5;

/** Cases about waiters. */
export const watchCases: readonly StoreContractCase[] = [
  {
    name: 'who waits for a record is woken when it completes',
    async run(subject) {
      await wakes(subject, async (store, begin, claimed) => {
        await store.complete(completion(begin, claimed));
      });
    },
  },
  {
    name: 'who waits for a record is woken when it is released',
    async run(subject) {
      for (const mode of ['erase', 'keep', 'withdraw'] as const) {
        await wakes(subject, async (store, begin) => {
          await store.release({ ...begin, mode });
        });
      }
    },
  },
  {
    name: 'who has stopped watching is not called any more',
    async run({ store, pass }) {
      const begin = beginRequest();
      const claimed = await claim(store, begin);
      await store.begin(rival(begin));
      let calls = 0;
      const unwatch = await store.watch(begin.recordId, () => (calls += 1));
      unwatch();
      unwatch();
      calls = 0;
      await store.complete(completion(begin, claimed));
      await pass(10 * GLANCE_MS);
      assert.equal(calls, 0);
    },
  },
];

/** Two waiters, one beside the owner and one elsewhere, are both called after `end`. */
async function wakes(
  { store, other, pass }: StoreSubject,
  end: (
    store: IdempotencyStore,
    begin: ReturnType<typeof beginRequest>,
    claimed: Awaited<ReturnType<typeof claim>>,
  ) => Promise<void>,
): Promise<void> {
  const begin = beginRequest();
  const claimed = await claim(store, begin);
  const woken = new Set<number>();
  const unwatches: (() => void)[] = [];
  for (const [index, view] of [store, other].entries()) {
    assert.equal((await view.begin(rival(begin))).kind, 'running');
    unwatches.push(await view.watch(begin.recordId, () => woken.add(index)));
  }
  await end(store, begin, claimed);
  for (let waitedMs = 0; woken.size < 2 && waitedMs < PATIENCE_MS; waitedMs += GLANCE_MS) {
    await pass(GLANCE_MS);
  }
  for (const unwatch of unwatches) unwatch();
  assert.equal(woken.size, 2);
}
