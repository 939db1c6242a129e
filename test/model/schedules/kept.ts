import assert from 'node:assert/strict';
import fc, { type Scheduler } from 'fast-check';
import type { Occurrences } from '../../support/occurrences.js';
import { playHistory, type StoreSetup } from './history.js';
import { violationsOf } from './invariants.js';
import { plans, type Plan } from './plan.js';

/** That no order of events and no faults make engines break a promise: any, or one of these. */
export function kept(
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
