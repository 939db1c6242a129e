import { PINGS, type Contender } from '../contenders.js';
import type { BenchResults, CommandCount, Row } from '../results.js';
import { rowsOf, samplesOf, throughputRatio } from './compare.js';
import { COMPARED_WITH, few, NOT_MEASURED, rowName, spread, times } from './format.js';
import { CPU_HEADS, cpuCells, LATENCY_HEADS, latencyCells, rateCell } from './load-columns.js';
import { section, table } from './markdown.js';

const HEAD = [
  'contender',
  'requests/s',
  'against its baseline',
  ...LATENCY_HEADS,
  ...CPU_HEADS,
  'Redis commands per request',
];

/** A table of all contenders for each number of connections and mode. */
export function rowSections(results: BenchResults): string {
  const rows = rowsOf(results);
  const tables = rows.map((row) =>
    section(
      `### ${upper(rowName(row))}`,
      table(
        HEAD,
        contendersIn(results, row).map((contender) => cells(results, contender, row)),
      ),
    ),
  );
  return section(
    '## Requests',
    `A contender's baseline is the same server without idempotency. Such a server has a new effect for a
key that comes again: its replays are executions.`,
    rows.length === 0 ? table(HEAD, []) : tables.join('\n\n'),
  );
}

/** The title of a contender; its name where it has none. */
export function titleOf({ contenders }: BenchResults, name: string): string {
  return [...contenders, ...PINGS].find((contender) => contender.name === name)?.title ?? name;
}

/** Redis commands per request, as Redis counted them. */
export function commandsCell(
  { commands }: BenchResults,
  contender: string,
  what: CommandCount['what'],
): string {
  const found = commands.find((sent) => sent.contender === contender && sent.what === what);
  return found === undefined ? NOT_MEASURED : few(found.perRequest);
}

/** All contenders, and the bare commands where they were measured. */
function contendersIn(results: BenchResults, row: Row): readonly Contender[] {
  const pings = PINGS.filter(
    ({ name }) =>
      !results.contenders.some((contender) => contender.name === name) &&
      samplesOf(results, name, row).length > 0,
  );
  return [...results.contenders, ...pings];
}

function cells(results: BenchResults, { name, title, baseline }: Contender, row: Row): string[] {
  const samples = samplesOf(results, name, row);
  return [
    title,
    rateCell(samples),
    name === baseline
      ? COMPARED_WITH
      : spread(throughputRatio(results, name, baseline, row), times),
    ...latencyCells(samples),
    ...cpuCells(samples),
    commandsCell(results, name, row.mode),
  ];
}

function upper(words: string): string {
  return `${words.charAt(0).toUpperCase()}${words.slice(1)}`;
}
