import type { BenchResults } from '../results.js';
import { samplesOf, spreadOfAny, withinRounds } from './compare.js';
import { microseconds, times } from './format.js';
import { goalOf, judgeSpread, type Finding, type Goal } from './goal.js';

const CONNECTIONS = 32;
/** Of Redis's CPU per request, in microseconds. */
const LIMITS = { first: 9, replay: 4.5 };
/** As many times the floor's is enough too: a slow machine is slow for both. */
const TIMES_MAX = 1.1;

/** How much of Redis's own CPU a request takes, by its account. */
export function redisCpuSmall(results: BenchResults): Goal {
  const findings = (['first', 'replay'] as const).map((mode): Finding => {
    const row = { connections: CONNECTIONS, mode };
    const ours = samplesOf(results, 'redis', row);
    const own = spreadOfAny(ours.map(({ redisCpuUs }) => redisCpuUs));
    const ratio = withinRounds(
      ours,
      samplesOf(results, 'floor-batched', row),
      (one, floor) => one.redisCpuUs / floor.redisCpuUs,
    );
    const alone = judgeSpread(
      own,
      { relation: 'at most', value: LIMITS[mode] },
      microseconds,
      mode,
    );
    const compared = judgeSpread(
      ratio,
      { relation: 'at most', value: TIMES_MAX },
      times,
      `${mode}, against the floor`,
    );
    const reached = [alone, compared].find(({ verdict }) => verdict === 'reached') ?? alone;
    return { text: `${alone.text}; ${compared.text}`, verdict: reached.verdict };
  });
  return goalOf(
    `Redis CPU per request, ${String(CONNECTIONS)} connections`,
    `at most ${microseconds(LIMITS.first)} for a first execution and ${microseconds(LIMITS.replay)} ` +
      `for a replay, or ${times(TIMES_MAX)} of the floor's with auto-pipelining`,
    findings,
  );
}
