import type { BenchResults, Row, Sample } from '../results.js';
import { spreadOf, type Spread } from '../statistics.js';

/** What belongs to a round. Figures of different rounds are not compared. */
interface Rounded {
  readonly round: number;
}

/** Compares what was measured in the same rounds; `undefined` where no round has both. */
export function withinRounds<T extends Rounded>(
  ones: readonly T[],
  others: readonly T[],
  compare: (one: T, other: T) => number,
): Spread | undefined {
  return spreadOfAny(pairs(ones, others).map(([one, other]) => compare(one, other)));
}

/** Median, least and most of a figure; `undefined` of nothing. */
export function spreadOfAny(values: readonly number[]): Spread | undefined {
  return values.length === 0 ? undefined : spreadOf(values);
}

function pairs<T extends Rounded>(ones: readonly T[], others: readonly T[]): [T, T][] {
  return ones.flatMap((one) => {
    const other = others.find(({ round }) => round === one.round);
    return other === undefined ? [] : [[one, other] as [T, T]];
  });
}

/** What a contender gave in a row, round by round. */
export function samplesOf(
  { samples }: Pick<BenchResults, 'samples'>,
  contender: string,
  { connections, mode }: Row,
): readonly Sample[] {
  return samples.filter(
    (sample) =>
      sample.contender === contender && sample.connections === connections && sample.mode === mode,
  );
}

/** How many times the other's throughput a contender has in a row. */
export function throughputRatio(
  results: Pick<BenchResults, 'samples'>,
  one: string,
  other: string,
  row: Row,
): Spread | undefined {
  return throughputWithinRounds(samplesOf(results, one, row), samplesOf(results, other, row));
}

/** How many times the others' throughput the ones have in the same rounds. */
export function throughputWithinRounds<T extends Rounded & { readonly perSecond: number }>(
  ones: readonly T[],
  others: readonly T[],
): Spread | undefined {
  return withinRounds(ones, others, (one, other) => one.perSecond / other.perSecond);
}

/** How much later than without idempotency half of the answers are there, round by round. */
export interface AddedLatency extends Rounded {
  /** Negative where an answer came earlier. */
  readonly us: number;
}

/** What a contender adds to the p50 of `none` in a row. */
export function addedLatency(
  results: Pick<BenchResults, 'samples'>,
  contender: string,
  row: Row,
): readonly AddedLatency[] {
  return pairs(samplesOf(results, contender, row), samplesOf(results, 'none', row)).map(
    ([{ round, p50Us }, without]) => ({ round, us: p50Us - without.p50Us }),
  );
}

/**
 * How many times the other's added latency one has. A round in which the other added nothing is
 * counted as infinity: noise must not pass for a result.
 */
export function addedLatencyRatio(
  ones: readonly AddedLatency[],
  others: readonly AddedLatency[],
): Spread | undefined {
  return withinRounds(ones, others, (one, other) => (other.us > 0 ? one.us / other.us : Infinity));
}

/** All rows that were measured: by connections, then by mode. */
export function rowsOf({ samples }: Pick<BenchResults, 'samples'>): readonly Row[] {
  const connections = distinct(samples.map((sample) => sample.connections));
  return connections.flatMap((number) =>
    (['first', 'replay', 'mix'] as const)
      .map((mode) => ({ connections: number, mode }))
      .filter((row) => samples.some((s) => s.connections === number && s.mode === row.mode)),
  );
}

/** Each number once, the least first. */
export function distinct(values: readonly number[]): readonly number[] {
  return [...new Set(values)].sort((one, other) => one - other);
}
