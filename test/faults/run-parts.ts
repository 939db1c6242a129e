import { startRedis } from '../support/redis-server.js';
import { ALL_CONTROLS, ROUNDS_MAX, seedOfRound, type PlannedControl } from './controls.js';
import type { Plan, PlannedScenario } from './plan.js';
import { createRandom } from './random.js';
import type { ResultFile, ScenarioReport } from './report/result-file.js';
import { FAILED, type Scenario, type ScenarioOptions, type ScenarioResult } from './scenario.js';
import { installPeers, measure, YARDSTICKS } from './yardsticks.js';

/** A receiver of progress. */
export type Say = (line: string) => void;

/** The context of the parts of a start. */
export interface PartContext {
  readonly seed: string;
  readonly say: Say;
  readonly results: ResultFile;
}

/** One scenario, one control, or all yardsticks. Resolves with false if a scenario failed or a bug was missed. */
export type Part = () => Promise<boolean>;

const YARDSTICK = { size: 60, requests: 600 };

/** All parts of a plan: scenarios, then controls, then yardsticks. */
export function partsOf(plan: Plan, context: PartContext): readonly Part[] {
  return [
    ...plan.scenarios.map((planned) => () => runPlanned(planned, context)),
    ...(plan.controls ? ALL_CONTROLS : []).map((control) => () => runControl(control, context)),
    ...(plan.yardsticks ? [() => runYardsticks(context)] : []),
  ];
}

/** Runs parts, `atOnce` of them at a time; resolves with false if one did. */
export async function runParts(parts: readonly Part[], atOnce: number, say: Say): Promise<boolean> {
  const left = [...parts];
  let held = true;
  let ended = 0;

  async function lane(): Promise<void> {
    for (let part = left.shift(); part !== undefined; part = left.shift()) {
      if (!(await part())) held = false;
      ended += 1;
      say(`${String(ended)} of ${String(parts.length)} parts have ended`);
    }
  }

  await Promise.all(Array.from({ length: atOnce }, lane));
  return held;
}

/** The version of the Redis under test. */
export async function redisVersion(): Promise<string> {
  const redis = await startRedis();
  try {
    const server = await redis.info('server');
    return server.get('valkey_version') ?? String(server.get('redis_version'));
  } finally {
    await redis.stop();
  }
}

async function runPlanned(
  { scenario, ...options }: PlannedScenario,
  context: PartContext,
): Promise<boolean> {
  const { say, results } = context;
  const report = await runScenario(scenario, options, context);
  results.add('scenarios', report);
  const figures = Object.entries(report.figures).map(([name, value]) => `${name} ${String(value)}`);
  say(`${scenario.name}: ${figures.join(', ')} (${String(Math.round(report.seconds))} s)`);
  for (const failure of report.failures) say(`${scenario.name} FAILED: ${failure}`);
  return report.failures.length === 0;
}

/** Runs a deliberate bug, which its scenario must find. */
async function runControl(control: PlannedControl, context: PartContext): Promise<boolean> {
  const { title, scenario, ...options } = control;
  const report = { title, scenario: scenario.name, found: 0, seconds: 0 };
  let failure = '';
  for (let round = 1; report.found === 0 && round <= ROUNDS_MAX; round += 1) {
    const seed = seedOfRound(context.seed, round);
    const { figures, failures, seconds } = await runScenario(scenario, options, {
      ...context,
      seed,
    });
    // A control that broke the harness has not been caught by it.
    if ('keyed requests' in figures) report.found = figures.violations;
    report.seconds += seconds;
    failure = failures[0] ?? '';
  }
  context.results.add('controls', report);
  context.say(`control "${title}": ${report.found > 0 ? 'caught' : 'NOT CAUGHT'}, ${failure}`);
  return report.found > 0;
}

async function runYardsticks({ seed, say, results }: PartContext): Promise<boolean> {
  const peers = installPeers();
  try {
    for (const entry of YARDSTICKS) {
      const random = createRandom(`${seed}/yardsticks`);
      const result = await measure(entry, peers.folder, { ...YARDSTICK, random, progress: say });
      results.add('yardsticks', result);
      say(`yardstick ${entry.title}: ${JSON.stringify(result)}`);
    }
  } finally {
    peers.remove();
  }
  return true;
}

/** Runs one scenario. What breaks the harness itself is a failure of the scenario. */
async function runScenario(
  scenario: Scenario,
  options: Omit<ScenarioOptions, 'random' | 'progress'>,
  { seed, say }: PartContext,
): Promise<ScenarioReport> {
  const { name, title } = scenario;
  const startedAt = performance.now();
  let result: ScenarioResult;
  try {
    result = await scenario.run({
      ...options,
      random: createRandom(`${seed}/${name}`),
      progress: (line) => {
        say(`  ${name}: ${line}`);
      },
    });
  } catch (error) {
    const failure = error instanceof Error ? (error.stack ?? error.message) : String(error);
    result = { ...FAILED, failures: [failure] };
  }
  const seconds = (performance.now() - startedAt) / 1_000;
  return {
    ...{ name, title, highest: {}, ...result, seconds },
    failures: [...result.failures],
    histories: (result.histories ?? []).map(({ name: record, entries, lines }) => ({
      name: record,
      entries: entries.map((entry) => ({ ...entry })),
      lines: lines.map((line) => ({ ...line })),
    })),
  };
}
