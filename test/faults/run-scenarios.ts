import type { PlannedScenario } from './plan.js';
import { createRandom } from './random.js';
import type { ScenarioOptions, ScenarioResult } from './scenario.js';
import type { Scenario } from './scenario.js';

/** What a scenario came to, and how long it took. */
export interface ScenarioReport extends ScenarioResult {
  readonly name: string;
  readonly title: string;
  readonly seconds: number;
}

/** Where progress goes. */
export type Say = (line: string) => void;

/** Runs scenario after scenario. */
export async function runScenarios(
  plan: readonly PlannedScenario[],
  seed: string,
  say: Say,
): Promise<readonly ScenarioReport[]> {
  const reports: ScenarioReport[] = [];
  for (const { scenario, size, requests } of plan) {
    const report = await runScenario(scenario, { size, requests }, seed, say);
    reports.push(report);
    const figures = [...report.figures]
      .map(([name, value]) => `${name} ${String(value)}`)
      .join(', ');
    say(`${scenario.name}: ${figures} (${String(Math.round(report.seconds))} s)`);
    for (const failure of report.failures) say(`${scenario.name} FAILED: ${failure}`);
  }
  return reports;
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
