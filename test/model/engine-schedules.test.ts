import assert from 'node:assert/strict';
import fc, { type Scheduler } from 'fast-check';
import { MemoryStore } from '../../src/index.js';
import { holdProperty, PROPERTY_TIMEOUT_MS, propertyRun } from '../support/property-run.js';
import { Occurrences } from '../support/occurrences.js';
import { BROKEN_SETUPS } from './schedules/broken-stores.js';
import { playHistory, type StoreSetup } from './schedules/history.js';
import { violationsOf } from './schedules/invariants.js';
import { plans, type Plan } from './schedules/plan.js';

const SOUND: StoreSetup = { open: (clock) => new MemoryStore({ clock }), keepsDeadlines: true };

/** What histories must have met before they can be said to have tested anything. */
const SITUATIONS = [
  'IDEMPOTENCY_CONCURRENT_REQUEST',
  'IDEMPOTENCY_KEY_PARAMETER_MISMATCH',
  'IDEMPOTENCY_OUTCOME_UNKNOWN',
  'IDEMPOTENCY_PREVIOUS_ATTEMPT_FAILED',
  'IDEMPOTENCY_RESULT_UNAVAILABLE',
  'IDEMPOTENCY_STORE_UNAVAILABLE',
  'failure',
  'answer',
  'begin came too late',
  'begin: claimed after lapsed',
  'begin: claimed after released',
  'complete: superseded',
  'event notStored',
  'release erase: released',
  'release keep: released',
  'release withdraw: released',
  'renew: lost',
  'renew: renewed',
  'step recalled',
  'step started came too late',
  'step value: lost',
];

/** A broken store must be found out within so many histories, and always the same ones. */
const REFUTATION = { seed: 1, numRuns: 3_000, endOnFailure: true };

/** That no order of events and no faults make engines break a promise: any, or one of these. */
function kept(
  storeSetup: StoreSetup,
  occurrences: Occurrences,
  promise = /./,
): fc.IAsyncProperty<[Plan, Scheduler]> {
  return fc.asyncProperty(plans, fc.scheduler(), async (plan, scheduler) => {
    const ledger = await playHistory(plan, scheduler, storeSetup, occurrences);
    const violations = violationsOf(plan, ledger).filter((violation) => promise.test(violation));
    assert.deepEqual(violations, []);
  });
}

describe('engines that share an unreliable store', () => {
  const run = propertyRun('SCHEDULE', 1_500);

  it(
    'keep what is promised, in whatever order and with whatever faults',
    async () => {
      const occurrences = new Occurrences();
      const complete = await holdProperty(
        run,
        1,
        () => kept(SOUND, occurrences),
        () => ({ seen: occurrences.counts() }),
      );
      if (complete && run.path === undefined) expect(occurrences.missing(SITUATIONS)).toEqual([]);
    },
    PROPERTY_TIMEOUT_MS,
  );

  it.each(BROKEN_SETUPS)(
    'are seen to break a promise on a store that $name',
    async ({ storeSetup, promise }) => {
      const property = kept(storeSetup, new Occurrences(), promise);
      const { failed } = await fc.check(property, REFUTATION);
      expect(failed).toBe(true);
    },
  );
});
