import fc from 'fast-check';
import { isoTime } from '../../../src/core/values/iso-time.js';

describe('an ISO time', () => {
  it('is what a Date writes, whatever was written before', () => {
    const now = 1_764_208_800_000;
    const time = fc.oneof(
      fc.integer({ min: 0, max: 8_640_000_000_000_000 }),
      fc.integer({ min: now, max: now + 3_000 }),
      fc.double({ min: now, max: now + 3_000, noNaN: true }),
    );
    fc.assert(
      fc.property(fc.array(time, { minLength: 1, maxLength: 20 }), (times) => {
        expect(times.map(isoTime)).toEqual(times.map((ms) => new Date(ms).toISOString()));
      }),
    );
  });
});
