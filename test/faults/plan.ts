import type { Scenario } from './scenario.js';
import { clockJumps } from './scenarios/clock.js';
import { damage } from './scenarios/damage.js';
import { evictions, flushes } from './scenarios/losses.js';
import { commits } from './scenarios/commits.js';
import { longRuns } from './scenarios/long-runs.js';
import { cuts, delays } from './scenarios/network.js';
import { powerCuts, powerCutsEverySecond } from './scenarios/power-cuts.js';
import { blocks, drains, kills, pauses } from './scenarios/processes.js';
import {
  busyScripts,
  noReplicas,
  outOfMemory,
  redisKills,
  redisPauses,
  scriptFlushes,
} from './scenarios/redis.js';
import { roundTrips } from './scenarios/round-trips.js';
import { soak } from './scenarios/soak.js';
import { storms } from './scenarios/storm.js';
import { transactions } from './scenarios/transactions.js';
import { clusters, promotions, reshardings, sentinels } from './scenarios/topology.js';
import { collapses, zombies } from './scenarios/zombies.js';

/** A scenario and how much of it a start does. */
export interface PlannedScenario {
  readonly scenario: Scenario;
  /** The number of faults of its kind. */
  readonly size: number;
  /** The least number of keyed requests. */
  readonly requests: number;
  /** The duration of a steady load, which `size` does not limit then: `soak` only. */
  readonly minutes?: number | undefined;
}

/** The parts of a start. */
export interface Plan {
  readonly scenarios: readonly PlannedScenario[];
  readonly controls: boolean;
  readonly yardsticks: boolean;
  /** The number of parts that run at once. */
  readonly lanes: number;
}

/**
 * The scenarios of a start, with their sizes and their least numbers of requests. The longest come
 * first: the others run beside them.
 */
const FULL: readonly PlannedScenario[] = [
  planned(kills, 2_000, 60_000),
  planned(transactions, 350, 35_000),
  planned(commits, 500, 10_000),
  planned(pauses, 500, 10_000),
  planned(blocks, 100, 2_000),
  planned(drains, 50, 5_000),
  planned(zombies, 20, 0),
  planned(collapses, 20, 0),
  planned(longRuns, 50, 0),
  planned(redisKills, 100, 10_000),
  planned(powerCuts, 50, 5_000),
  planned(powerCutsEverySecond, 20, 2_000),
  planned(redisPauses, 20, 3_000),
  planned(outOfMemory, 100, 5_000),
  planned(noReplicas, 50, 5_000),
  planned(scriptFlushes, 1_000, 10_000),
  planned(busyScripts, 20, 2_000),
  planned(damage, 500, 0),
  planned(flushes, 10, 2_000),
  planned(evictions, 5, 2_000),
  planned(cuts, 5_000, 30_000),
  planned(delays, 200, 5_000),
  planned(promotions, 60, 5_000),
  planned(sentinels, 20, 3_000),
  planned(clusters, 20, 3_000),
  planned(reshardings, 50, 3_000),
  planned(clockJumps, 30, 2_000),
  planned(storms, 100, 0),
  planned(roundTrips, 10_000, 0),
  planned(soak, 100_000, 0),
];

/** The names of all scenarios. */
export const SCENARIO_NAMES: readonly string[] = FULL.map(({ scenario }) => scenario.name);

const FACTOR_MAX = 10;
const MINUTES_MAX = 24 * 60;
/** Most scenarios wait most of the time: for leases to lapse, for servers to come back. */
const LANES = 3;
const LANES_MAX = 16;

/**
 * The plan of a start, from its environment.
 *
 * - `FAULTS_ONLY`: names of scenarios, `controls` and `yardsticks`, separated by commas; otherwise all
 * - `FAULTS_LANES`: the number of parts that run at once
 * - `FAULTS_FACTOR`: multiplies every size, up to 10
 * - `FAULTS_SOAK_MINUTES`: the duration of `soak`, up to a day; otherwise it ends with its requests
 * - `FAULTS_<NAME>`, as in `FAULTS_REDIS_KILLS`: the size of one scenario, up to ten times its own
 */
export function planOf(env: Readonly<Record<string, string | undefined>>): Plan {
  const names = [...SCENARIO_NAMES, 'controls', 'yardsticks'];
  const wanted = env['FAULTS_ONLY']?.split(',') ?? names;
  const unknown = wanted.filter((name) => !names.includes(name));
  if (unknown.length > 0) throw new Error(`FAULTS_ONLY: there is no ${unknown.join(', ')}.`);
  const factor = numberIn(env, 'FAULTS_FACTOR', FACTOR_MAX) ?? 1;
  const scenarios = FULL.filter(({ scenario }) => wanted.includes(scenario.name)).map((entry) => {
    const { scenario, size, requests } = entry;
    const name = `FAULTS_${scenario.name.toUpperCase().replaceAll('-', '_')}`;
    const chosen = numberIn(env, name, size * FACTOR_MAX) ?? Math.ceil(size * factor);
    const minutes =
      scenario === soak ? numberIn(env, 'FAULTS_SOAK_MINUTES', MINUTES_MAX) : undefined;
    return { scenario, size: chosen, requests: Math.ceil((requests * chosen) / size), minutes };
  });
  return {
    scenarios,
    controls: wanted.includes('controls'),
    yardsticks: wanted.includes('yardsticks'),
    lanes: Math.ceil(numberIn(env, 'FAULTS_LANES', LANES_MAX) ?? LANES),
  };
}

function planned(scenario: Scenario, size: number, requests: number): PlannedScenario {
  return { scenario, size, requests };
}

function numberIn(
  env: Readonly<Record<string, string | undefined>>,
  name: string,
  max: number,
): number | undefined {
  const text = env[name];
  if (text === undefined || text === '') return undefined;
  const value = Number(text);
  if (value > 0 && value <= max) return value;
  throw new Error(`${name} must be a number above 0 and at most ${String(max)}.`);
}
