import type { VariantName } from './rewrites.js';
import type { Scenario, ScenarioOptions } from './scenario.js';
import { cuts } from './scenarios/network.js';
import { commits } from './scenarios/commits.js';
import { longRuns } from './scenarios/long-runs.js';
import { kills, pauses } from './scenarios/processes.js';
import { outOfMemory } from './scenarios/redis.js';
import { storms } from './scenarios/storm.js';
import { transactions } from './scenarios/transactions.js';
import { clusters, promotions, sentinels } from './scenarios/topology.js';
import { collapses, zombies } from './scenarios/zombies.js';

/** A seeded bug, and the scenario that has to catch it. */
export interface Control {
  readonly variant: VariantName;
  /** The bug, in one line. */
  readonly title: string;
  readonly scenario: Scenario;
  readonly size: number;
  readonly requests: number;
}

/**
 * The number of times that a control is tried until its bug is caught. Most are caught every time. Others
 * need a fault at one moment, such as a connection cut in COMMIT, and are missed one time in five.
 */
export const ROUNDS_MAX = 5;

/** The seed of a round: the first is the start's own. */
export function seedOfRound(seed: string, round: number): string {
  return round === 1 ? seed : `${seed}/${String(round)}`;
}

/** All seeded bugs. Each must be caught with these sizes within a minute. */
export const CONTROLS: readonly Control[] = [
  control(
    'blind-complete',
    'an outcome is written although another attempt owns the record',
    pauses,
    80,
    1_000,
  ),
  control(
    'blind-release',
    'a claim is given up although another attempt owns the record',
    collapses,
    8,
    0,
  ),
  control(
    'blind-renewal',
    'a lease is prolonged although another attempt owns the record',
    zombies,
    3,
    0,
  ),
  control('lease-as-expiry', 'the key expires with the lease', kills, 20, 500),
  control('expiry-not-pushed', "renewals do not push the key's expiry", longRuns, 5, 0),
  control('get-then-set', 'looking and claiming are two commands', storms, 5, 0),
  control('claim-forgotten-on-resend', 'a claim sent again is not recognised', cuts, 400, 1_000),
  control('application-clock', "leases are judged by the servers' own clocks", storms, 5, 0),
  control(
    'complete-without-allow-oom',
    'outcomes are refused when memory is full',
    outOfMemory,
    20,
    500,
  ),
  control('wait-ignored', 'the answer of WAIT is not looked at', promotions, 4, 500),
  control('fingerprint-left-out', 'arguments are not compared', kills, 3, 500),
  control('scope-left-out', "the scope is not part of the record's identity", kills, 3, 500),
  control('steps-by-order', 'steps are known by their order, not by their names', kills, 60, 1_500),
  control(
    'outcome-inserted-last',
    "a transaction's outcome is inserted last",
    transactions,
    2,
    300,
  ),
  control(
    'outcome-outside-transaction',
    'the row of a transaction is outside of it',
    transactions,
    10,
    300,
  ),
  control(
    'outcome-fingerprint-left-out',
    'the arguments of a transaction are not compared',
    transactions,
    2,
    300,
  ),
  control(
    'commit-assumed',
    'a commit without a reply is taken for one that has happened',
    transactions,
    15,
    300,
  ),
  control('stored-before-commit', 'an outcome is stored before the commit', commits, 10, 100),
];

/** Failovers where nobody waits for replicas: Redis forgets what it had acknowledged. */
const REPLICA_CONTROLS = [
  [promotions, 5, 500] as const,
  [sentinels, 2, 500] as const,
  [clusters, 3, 500] as const,
].map(([scenario, size, requests]) => {
  const title = `no \`replicas\` option: ${scenario.title}`;
  return { title, scenario, size, requests, variant: undefined, withoutReplicas: true };
});

/** A control as a start runs it. */
export type PlannedControl = Omit<Control, 'variant'> &
  Pick<ScenarioOptions, 'variant' | 'withoutReplicas'>;

/** All controls. */
export const ALL_CONTROLS: readonly PlannedControl[] = [...CONTROLS, ...REPLICA_CONTROLS];

function control(
  variant: VariantName,
  title: string,
  scenario: Scenario,
  size: number,
  requests: number,
): Control {
  return { variant, title, scenario, size, requests };
}
