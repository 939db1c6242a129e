import { FINGERPRINT_LENGTH, OWNER_LENGTH } from '../../core/record/record.js';

/** Checks that the values fit the fixed columns of a record; other values would make it unreadable. */
export function checkDigests({ owner, fingerprint }: { owner: string; fingerprint: string }): void {
  if (owner.length !== OWNER_LENGTH || fingerprint.length !== FINGERPRINT_LENGTH) {
    throw new RangeError('The owner or the fingerprint has the wrong length.');
  }
}

/** 30 000 years: a time that far ahead still fits in a column. */
const DURATION_MAX_MS = 1_000_000_000_000_000;

export function checkDurations(...durations: readonly number[]): void {
  const fits = (ms: number): boolean => Number.isInteger(ms) && ms > 0 && ms <= DURATION_MAX_MS;
  if (durations.every(fits)) return;
  throw new RangeError(
    'Durations must be whole numbers of milliseconds above 0, and at most 10^15.',
  );
}
