import { FINGERPRINT_LENGTH, OWNER_LENGTH } from '../../core/record/record.js';

/** A completed record has fixed columns: what does not fit would make it unreadable. */
export function checkDigests({ owner, fingerprint }: { owner: string; fingerprint: string }): void {
  if (owner.length !== OWNER_LENGTH || fingerprint.length !== FINGERPRINT_LENGTH) {
    throw new RangeError('The owner or the fingerprint has the wrong length.');
  }
}

export function checkDurations(...durations: readonly number[]): void {
  if (durations.every((duration) => Number.isSafeInteger(duration) && duration > 0)) return;
  throw new RangeError('Durations must be whole numbers of milliseconds above 0.');
}
