import { CONTROLS, REPLICA_CONTROLS } from './controls.js';
import { runScenario, type Say } from './run-scenarios.js';

/** The harness's result for a seeded bug. */
export interface ControlReport {
  readonly title: string;
  /** The scenario that had to catch it. */
  readonly scenario: string;
  /** The number of violations that it found: none means that the bug was missed. */
  readonly found: number;
  readonly seconds: number;
}

/** Runs every seeded bug, and the failovers without waiting for replicas. */
export async function runControls(seed: string, say: Say): Promise<readonly ControlReport[]> {
  const controls = [
    ...CONTROLS.map((control) => ({ ...control, withoutReplicas: false })),
    ...REPLICA_CONTROLS.map((control) => ({
      ...control,
      variant: undefined,
      withoutReplicas: true,
    })),
  ];
  const reports: ControlReport[] = [];
  for (const { title, scenario, size, requests, variant, withoutReplicas } of controls) {
    const options = { size, requests, variant, withoutReplicas };
    const { figures, failures, seconds } = await runScenario(scenario, options, seed, say);
    // A control that broke the harness has not been caught by it.
    const found = figures.has('keyed requests') ? (figures.get('violations') ?? 0) : 0;
    reports.push({ title, scenario: scenario.name, found, seconds });
    say(`control "${title}": ${found > 0 ? 'caught' : 'NOT CAUGHT'}, ${failures[0] ?? ''}`);
  }
  return reports;
}
