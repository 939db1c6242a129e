import { MemoryStore } from '../../src/index.js';
import { holdProperty, PROPERTY_TIMEOUT_MS, propertyRun } from '../support/property-run.js';
import { Occurrences } from '../support/occurrences.js';
import type { StoreSetup } from './schedules/history.js';
import { kept } from './schedules/kept.js';

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
});
