/** The value below which a part of the sorted values lies, by the nearest rank. */
export function percentile(sorted: ArrayLike<number>, part: number): number {
  if (sorted.length === 0) throw new RangeError('There is no percentile of nothing.');
  const index = Math.max(0, Math.ceil(part * sorted.length) - 1);
  return sorted[index] ?? NaN;
}

/** A figure over several rounds. */
export interface Spread {
  readonly median: number;
  readonly min: number;
  readonly max: number;
}

/** Median, least and most. */
export function spreadOf(values: readonly number[]): Spread {
  const sorted = [...values].sort((one, other) => one - other);
  const middle = sorted.length / 2;
  const low = sorted[Math.ceil(middle) - 1] ?? NaN;
  const high = sorted[Math.floor(middle)] ?? NaN;
  return { median: (low + high) / 2, min: sorted[0] ?? NaN, max: sorted.at(-1) ?? NaN };
}
