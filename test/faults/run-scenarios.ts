import type { PlannedScenario } from './plan.js';
import { createRandom } from './random.js';
import type { Scenario, ScenarioOptions, ScenarioResult } from './scenario.js';

/** The result of a scenario, and its duration. */
export interface ScenarioReport extends ScenarioResult {
  readonly name: string;
  readonly title: string;
  readonly seconds: number;
}

/** A receiver of progress. */
export type Say = (line: string) => void;

/**
 * How many scenarios are in flight at once. Most of them wait most of the time: for leases to run
 * out, for servers to come back.
 */
const LANES = 2;

/** Runs all scenarios; the reports come in the order of the plan. */
export async function runScenarios(
  plan: readonly PlannedScenario[],
  seed: string,
  say: Say,
): Promise<readonly ScenarioReport[]> {
  const reports = new Map<PlannedScenario, ScenarioReport>();
  const left = [...plan];

  async function lane(): Promise<void> {
    for (let planned = left.shift(); planned !== undefined; planned = left.shift()) {
      const { scenario, size, requests } = planned;
      const report = await runScenario(scenario, { size, requests }, seed, say);
      reports.set(planned, report);
      const figures = [...report.figures].map(([name, value]) => `${name} ${String(value)}`);
      say(`${scenario.name}: ${figures.join(', ')} (${String(Math.round(report.seconds))} s)`);
      for (const failure of report.failures) say(`${scenario.name} FAILED: ${failure}`);
    }
  }

  await Promise.all(Array.from({ length: LANES }, lane));
  return plan.flatMap((planned) => reports.get(planned) ?? []);
}

/** Runs one scenario. What breaks the harness itself is a failure of the scenario. */
export async function runScenario(
  scenario: Scenario,
  options: Omit<ScenarioOptions, 'random' | 'progress'>,
  seed: string,
  say: Say,
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
    result = { figures: new Map([['violations', 1]]), failures: [failure] };
  }
  return { name, title, ...result, seconds: (performance.now() - startedAt) / 1_000 };
}
