import fc from 'fast-check';
import { Occurrences } from '../support/occurrences.js';
import { BROKEN_SETUPS } from './schedules/broken-stores.js';
import { kept } from './schedules/kept.js';

/** A broken store must be found out within so many histories, and always the same ones. */
const REFUTATION = { seed: 1, numRuns: 3_000, endOnFailure: true };

describe('engines that share a broken store', () => {
  it.each(BROKEN_SETUPS)(
    'are seen to break a promise on a store that $name',
    async ({ storeSetup, promise }) => {
      const property = kept(storeSetup, new Occurrences(), promise);
      const { failed } = await fc.check(property, REFUTATION);
      expect(failed).toBe(true);
    },
  );
});
