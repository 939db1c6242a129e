import type { BenchResults } from '../results.js';
import type { Spread } from '../statistics.js';
import { rowsOf, throughputRatio } from './compare.js';
import { rowName, times } from './format.js';
import { judgeSpread, verdictOf, type Finding, type Goal, type Limit } from './goal.js';

const OTHERS = ['node-idempotency', 'powertools'];
const AHEAD: Limit = { relation: 'over', value: 1 };

interface Duel extends Finding {
  readonly ratio: Spread | undefined;
}

/** More throughput than every other package in every row; rows where it is not so are named. */
export function aheadOfOthers(results: BenchResults): Goal {
  const duels = rowsOf(results).flatMap((row) =>
    OTHERS.map((other): Duel => {
      const ratio = throughputRatio(results, 'redis', other, row);
      return { ratio, ...judgeSpread(ratio, AHEAD, times, `${other}, ${rowName(row)}`) };
    }),
  );
  return {
    title: 'every number of connections and mode, against every other package',
    target: 'ahead in throughput',
    measured: summary(duels),
    verdict: verdictOf(duels),
  };
}

function summary(duels: readonly Duel[]): string {
  const behind = duels.filter(({ verdict }) => verdict === 'not reached');
  const missing = duels.filter(({ verdict }) => verdict === 'not measured');
  const told = [...behind, ...missing].map(({ text }) => text);
  if (behind.length === 0) told.unshift(...closest(duels));
  return told.length === 0 ? 'not measured' : told.join('; ');
}

function closest(duels: readonly Duel[]): string[] {
  const measured = duels.filter((duel) => duel.ratio !== undefined);
  const median = ({ ratio }: Duel): number => ratio?.median ?? NaN;
  const [least] = measured.sort((one, other) => median(one) - median(other));
  return least === undefined ? [] : [`closest: ${least.text}`];
}
