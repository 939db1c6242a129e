import {
  BYSTANDERS,
  type BenchResults,
  type BystanderSample,
  type SizeSample,
} from '../results.js';
import { distinct, throughputWithinRounds, withinRounds } from './compare.js';
import { COMPARED_WITH, count, spread, times } from './format.js';
import { CPU_HEADS, cpuCells, LATENCY_HEADS, latencyCells, rateCell } from './load-columns.js';
import { section, table } from './markdown.js';
import { commandsCell, titleOf } from './rows.js';

const MODES = ['first', 'replay'] as const;

/** What has nothing to do with idempotency, with the plugin and without. */
export function bystanderSection(results: BenchResults): string {
  const rows = BYSTANDERS.flatMap((what) => {
    const of = (contender: string): readonly BystanderSample[] =>
      results.bystanders.filter((sample) => sample.contender === contender && sample.what === what);
    return (['none', 'redis'] as const)
      .map((contender) => ({ contender, samples: of(contender) }))
      .filter(({ samples }) => samples.length > 0)
      .map(({ contender, samples }) => [
        what,
        titleOf(results, contender),
        rateCell(samples),
        contender === 'none' ? COMPARED_WITH : ratio(samples, of('none')),
        ...latencyCells(samples),
        ...cpuCells(samples),
        commandsCell(results, contender, what),
      ]);
  });
  const head = ['what', 'server', 'requests/s', 'against no idempotency', ...LATENCY_HEADS];
  return section(
    '## Queries and mutations that are not marked',
    'At 32 connections.',
    table([...head, ...CPU_HEADS, 'Redis commands per request'], rows, 2),
  );
}

/** Whole requests with small and large results. */
export function sizeSection(results: BenchResults): string {
  const sizes = distinct(results.sizes.map(({ resultBytes }) => resultBytes));
  const rows = sizes.flatMap((bytes) => MODES.flatMap((mode) => sizeRows(results, bytes, mode)));
  const head = ['mode', 'contender', 'bytes', 'requests/s', 'against no idempotency'];
  return section(
    '## Results of different sizes',
    'Whole requests; `bytes` are those of the GraphQL result as JSON.',
    table([...head, ...LATENCY_HEADS, ...CPU_HEADS], rows, 2),
  );
}

function sizeRows(results: BenchResults, bytes: number, mode: 'first' | 'replay'): string[][] {
  const of = (contender: string): readonly SizeSample[] =>
    results.sizes.filter(
      (sample) =>
        sample.contender === contender && sample.resultBytes === bytes && sample.mode === mode,
    );
  return (['none', 'redis', 'floor'] as const)
    .map((contender) => ({ contender, samples: of(contender) }))
    .filter(({ samples }) => samples.length > 0)
    .map(({ contender, samples }) => [
      mode,
      titleOf(results, contender),
      count(bytes),
      rateCell(samples),
      contender === 'none' ? COMPARED_WITH : ratio(samples, of('none')),
      ...latencyCells(samples),
      ...cpuCells(samples),
    ]);
}

/** What many records do to the latency of one connection. */
export function populationSection({ populations }: BenchResults): string {
  const numbers = distinct(populations.map(({ records }) => records));
  const rows = MODES.flatMap((mode) => {
    const at = (records: number | undefined): typeof populations =>
      populations.filter((sample) => sample.mode === mode && sample.records === records);
    return numbers
      .map((records) => ({ records, samples: at(records) }))
      .filter(({ samples }) => samples.length > 0)
      .map(({ records, samples }) => {
        const slower = withinRounds(samples, at(numbers[0]), (one, few) => one.p50Us / few.p50Us);
        const against = records === numbers[0] ? COMPARED_WITH : spread(slower, times);
        return [mode, count(records), rateCell(samples), ...latencyCells(samples), against];
      });
  });
  const head = ['mode', 'records in Redis', 'requests/s', ...LATENCY_HEADS];
  return section(
    '## Many records in Redis',
    'Latency at one connection.',
    table([...head, 'p50 against the fewest'], rows),
  );
}

type Rate = BystanderSample | SizeSample;

function ratio(ones: readonly Rate[], others: readonly Rate[]): string {
  return spread(throughputWithinRounds(ones, others), times);
}
