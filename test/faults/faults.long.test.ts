import { CONTROLS, ROUNDS_MAX, seedOfRound } from './controls.js';
import type { Scenario } from './scenario.js';
import { createRandom } from './random.js';
import type { VariantName } from './rewrites.js';
import { commits } from './scenarios/commits.js';
import { cuts } from './scenarios/network.js';
import { kills, pauses } from './scenarios/processes.js';
import { redisKills } from './scenarios/redis.js';
import { roundTrips } from './scenarios/round-trips.js';
import { storms } from './scenarios/storm.js';
import { powerCuts } from './scenarios/power-cuts.js';
import { transactions } from './scenarios/transactions.js';
import { zombies } from './scenarios/zombies.js';

// The short version of `npm run test:faults`: every kind of process is hit a few times.

const SEED = process.env['FAULTS_SEED'] ?? '1';

/** [scenario, size, requests]. Most of the time passes in waiting, so they run side by side. */
const SHORT: readonly (readonly [Scenario, number, number])[] = [
  [kills, 6, 200],
  [pauses, 4, 100],
  [zombies, 1, 0],
  [redisKills, 2, 100],
  [powerCuts, 3, 100],
  [transactions, 12, 600],
  [cuts, 30, 100],
  [commits, 10, 100],
  [storms, 2, 0],
  [roundTrips, 200, 0],
];

function run(
  scenario: Scenario,
  size: number,
  requests: number,
  variant?: VariantName,
  round = 1,
): ReturnType<Scenario['run']> {
  const random = createRandom(`${seedOfRound(SEED, round)}/${scenario.name}`);
  return scenario.run({ random, size, requests, variant, progress: () => undefined });
}

test.concurrent.each(SHORT.map((entry) => [entry[0].name, ...entry] as const))(
  `everything that is promised holds: %s (FAULTS_SEED=${SEED})`,
  async (_, scenario, size, requests) => {
    const { failures, histories = [] } = await run(scenario, size, requests);
    expect({ failures, history: histories[0] }).toEqual({ failures: [], history: undefined });
  },
);

/** The quickest of the seeded bugs, and those of transactions: a harness must find them. */
const BUGS: readonly (readonly [VariantName, number])[] = [
  ['get-then-set', 3],
  ['application-clock', 3],
  ['blind-renewal', 2],
  ['stored-before-commit', 5],
  ['outcome-inserted-last', 2],
  ['outcome-outside-transaction', 5],
  ['outcome-fingerprint-left-out', 2],
  ['commit-assumed', 10],
];

test.concurrent.each(BUGS)(
  `the harness catches a seeded bug: %s (FAULTS_SEED=${SEED})`,
  async (variant, size) => {
    const control = CONTROLS.find((known) => known.variant === variant);
    if (control === undefined) throw new Error(`There is no control ${variant}.`);
    let found: readonly string[] = [];
    for (let round = 1; found.length === 0 && round <= ROUNDS_MAX; round += 1) {
      const { figures, failures } = await run(control.scenario, size, 0, variant, round);
      // A control that broke the harness has not been caught by it.
      expect(figures).toHaveProperty(['keyed requests']);
      found = failures;
    }
    expect(found).not.toEqual([]);
  },
);
