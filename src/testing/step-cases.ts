import assert from 'node:assert/strict';
import type { BeginRequest, Claimed, StepRequest } from '../core/record/store.js';
import {
  beginRequest,
  claim,
  completion,
  lentView,
  LONG_MS,
  rival,
  SHORT_MS,
} from './contract-case.js';
import type { StoreContractCase } from './contract-case.js';

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

function stepRequest(begin: BeginRequest, overrides: Partial<StepRequest> = {}): StepRequest {
  return {
    recordId: begin.recordId,
    owner: begin.owner,
    name: 'charge',
    state: 'value',
    payload: bytes('the charge'),
    leaseMs: LONG_MS,
    timeoutMs: 5_000,
    ...overrides,
  };
}

/** The steps of a claim, in a form that can be compared. */
function told({ steps }: Claimed): unknown {
  return Object.fromEntries(
    [...steps].map(([name, { state, payload }]) => [
      name,
      `${state} ${new TextDecoder().decode(payload)}`,
    ]),
  );
}

/** Cases about steps. */
export const stepCases: readonly StoreContractCase[] = [
  {
    name: 'a further attempt is told what earlier ones recorded of their steps',
    async run({ store }) {
      const begin = beginRequest();
      assert.deepEqual(told(await claim(store, begin)), {});
      const step = stepRequest(begin);
      assert.equal(await store.step(step), 'recorded');
      assert.equal(await store.step({ ...step, name: 'own', payload: bytes('é\0') }), 'recorded');
      const mark = { ...step, state: 'started', payload: bytes('') } as const;
      assert.equal(await store.step({ ...mark, name: '__proto__' }), 'recorded');
      assert.equal(await store.step({ ...mark, name: 'lost', state: 'unavailable' }), 'recorded');
      await store.release({ ...begin, mode: 'keep' });
      const next = rival(begin);
      const steps = told(await claim(store, next));
      const expected = { charge: 'value the charge', own: 'value é\0', lost: 'unavailable ' };
      assert.deepEqual(
        steps,
        Object.fromEntries([...Object.entries(expected), ['__proto__', 'started ']]),
      );
      // The same claim again, and the attempt after it.
      assert.deepEqual(told(await claim(store, next)), steps);
      await store.step(stepRequest(next, { name: 'mail', payload: bytes('sent') }));
      await store.release({ ...next, mode: 'keep' });
      assert.deepEqual(
        told(await claim(store, rival(begin))),
        Object.assign(steps as object, { mail: 'value sent' }),
      );
    },
  },
  {
    name: 'of the payload of a step its bytes are kept, and neither its buffer nor the object itself',
    async run({ store, other }) {
      const begin = beginRequest();
      await claim(store, begin);
      const { view, reuse } = lentView(bytes('the charge'));
      await store.step(stepRequest(begin, { payload: view }));
      reuse();
      for (const seen of [store, other]) {
        assert.deepEqual(told(await claim(seen, begin)), { charge: 'value the charge' });
      }
    },
  },
  {
    name: 'a step that was started becomes a step with a value',
    async run({ store }) {
      const begin = beginRequest();
      await claim(store, begin);
      const step = stepRequest(begin);
      assert.equal(await store.step({ ...step, state: 'started', payload: bytes('') }), 'recorded');
      assert.equal(await store.step(step), 'recorded');
      assert.equal(await store.step(step), 'recorded');
      assert.deepEqual(told(await claim(store, begin)), { charge: 'value the charge' });
    },
  },
  {
    name: 'only the owner records steps, and only while the record is in progress',
    async run({ store }) {
      const begin = beginRequest();
      assert.equal(await store.step(stepRequest(begin)), 'lost');
      const claimed = await claim(store, begin);
      assert.equal(await store.step(stepRequest(rival(begin))), 'lost');
      assert.deepEqual(told(await claim(store, begin)), {});
      await store.complete(completion(begin, claimed));
      assert.equal(await store.step(stepRequest(begin)), 'lost');
      assert.equal((await store.begin(rival(begin))).kind, 'completed');
    },
  },
  {
    name: 'a released record takes no more steps',
    async run({ store }) {
      const begin = beginRequest();
      await claim(store, begin);
      await store.release({ ...begin, mode: 'keep' });
      assert.equal(await store.step(stepRequest(begin)), 'lost');
      assert.deepEqual(told(await claim(store, rival(begin))), {});
    },
  },
  {
    name: 'a record with steps is not erased, by whatever mode it is released',
    async run({ store }) {
      for (const mode of ['erase', 'keep', 'withdraw'] as const) {
        const begin = beginRequest();
        await claim(store, begin);
        await store.step(stepRequest(begin));
        assert.equal(await store.release({ ...begin, mode }), 'released');
        const next = await claim(store, rival(begin));
        assert.equal(next.attempt, 2);
        assert.equal(next.previous, 'released');
        assert.deepEqual(told(next), { charge: 'value the charge' });
      }
    },
  },
  {
    name: 'a step prolongs the lease, and an owner that was displaced records none',
    async run({ store, pass }) {
      const begin = beginRequest({ leaseMs: SHORT_MS, onLapse: 'rerun' });
      await claim(store, begin);
      await store.step(stepRequest(begin));
      await pass(SHORT_MS + 10);
      assert.equal((await store.begin(rival(begin))).kind, 'running');
      await store.step(stepRequest(begin, { leaseMs: SHORT_MS }));
      await pass(SHORT_MS + 10);
      const next = await claim(store, rival(begin, { leaseMs: LONG_MS }));
      assert.equal(next.previous, 'lapsed');
      assert.deepEqual(told(next), { charge: 'value the charge' });
      assert.equal(await store.step(stepRequest(begin, { name: 'late' })), 'lost');
    },
  },
];
