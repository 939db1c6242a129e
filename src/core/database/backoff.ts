const BACKOFF_MS = { first: 10, most: 500 };

/**
 * The pause before a transaction is tried again, in milliseconds.
 *
 * @param tryNumber - of the try that failed, from 1
 * @param random - from 0 up to 1
 */
export function backoffMs(tryNumber: number, random: () => number): number {
  const { first, most } = BACKOFF_MS;
  const longest = Math.min(most, first * 2 ** Math.min(tryNumber, 10));
  // Two that met once are not to meet again.
  return longest * (0.5 + random() / 2);
}
