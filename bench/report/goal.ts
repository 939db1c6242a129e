import type { Spread } from '../statistics.js';
import { NOT_MEASURED, range, type Show } from './format.js';

/** What came of a goal. */
export type Verdict = 'reached' | 'not reached' | 'not measured';

/** What the benchmark is to show. */
export interface Goal {
  readonly title: string;
  readonly target: string;
  readonly measured: string;
  readonly verdict: Verdict;
}

/** On which side of a figure another must be. */
export interface Limit {
  readonly relation: 'at least' | 'at most' | 'over' | 'under';
  readonly value: number;
}

/** One of the figures that a goal rests on. */
export interface Finding {
  readonly text: string;
  readonly verdict: Verdict;
}

/** Holds a median against a limit. */
export function judgeSpread(
  figure: Spread | undefined,
  limit: Limit,
  show: Show,
  name = '',
): Finding {
  const finding = judge(figure?.median, limit, show, name);
  if (figure === undefined) return finding;
  return { ...finding, text: `${finding.text} ${range(figure, show)}` };
}

/** Holds a figure against a limit. What is not there does not reach it. */
export function judge(value: number | undefined, limit: Limit, show: Show, name = ''): Finding {
  const named = (text: string): string => (name === '' ? text : `${name}: ${text}`);
  if (value === undefined) return { text: named(NOT_MEASURED), verdict: 'not measured' };
  return {
    text: named(apartFrom(limit.value, value, show)),
    verdict: holds(value, limit) ? 'reached' : 'not reached',
  };
}

/** A goal is reached when all of its figures are. */
export function goalOf(title: string, target: string, findings: readonly Finding[]): Goal {
  const measured = findings.map(({ text }) => text).join('; ');
  return { title, target, measured, verdict: verdictOf(findings) };
}

/** One figure that misses is enough to miss a goal; without all figures none is reached. */
export function verdictOf(findings: readonly Finding[]): Verdict {
  const has = (verdict: Verdict): boolean => findings.some((found) => found.verdict === verdict);
  if (has('not reached')) return 'not reached';
  return has('not measured') || findings.length === 0 ? 'not measured' : 'reached';
}

function holds(value: number, { relation, value: limit }: Limit): boolean {
  switch (relation) {
    case 'at least':
      return value >= limit;
    case 'at most':
      return value <= limit;
    case 'over':
      return value > limit;
    case 'under':
      return value < limit;
  }
}

/** 0.998 is not rounded to 1.00 where 1.00 is the limit: it would look as if it were reached. */
function apartFrom(limit: number, value: number, show: Show): string {
  const precisions = value === limit ? [0] : [0, 1, 2, 3, 4];
  const more = precisions.find((digits) => show(value, digits) !== show(limit, digits));
  return show(value, more);
}
