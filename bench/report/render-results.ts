import type { BenchResults } from '../results.js';
import type { Goal } from './goal.js';
import { goalsOf } from './goals.js';
import { headline, method, setting } from './introduction.js';
import { bystanderSection, populationSection, sizeSection } from './load-sections.js';
import { inProcessSection } from './in-process-section.js';
import { section, table } from './markdown.js';
import { clusterSection, codecSection, recordSection, waiterSection } from './part-sections.js';
import { rowSections } from './rows.js';

/** Writes the results down as Markdown: the same results give the same text. */
export function renderResults(results: BenchResults): string {
  const goals = goalsOf(results);
  const sections = [
    section('# Benchmark', headline(results, goals), setting(results)),
    '![Throughput of every contender relative to no idempotency](throughput.svg)',
    goalSection(goals),
    section('## How it is measured', method()),
    rowSections(results),
    bystanderSection(results),
    recordSection(results),
    waiterSection(results),
    populationSection(results),
    sizeSection(results),
    inProcessSection(results.inProcess),
    codecSection(results),
    clusterSection(results),
  ];
  return `${sections.join('\n\n')}\n`;
}

function goalSection(goals: readonly Goal[]): string {
  const rows = goals.map(({ title, target, measured, verdict }) => [
    title,
    target,
    measured,
    verdict === 'reached' ? verdict : `**${verdict}**`,
  ]);
  return section('## Goals', table(['what', 'goal', 'measured', ''], rows, 4));
}
