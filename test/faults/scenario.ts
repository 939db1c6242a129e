import type { Random } from './random.js';
import type { StageResult } from './stage.js';
import type { VariantName } from './rewrites.js';

/** What a scenario is run with. */
export interface ScenarioOptions {
  readonly random: Random;
  /** How much of its kind of fault to inject. */
  readonly size: number;
  /** How many keyed requests to send at least, where the scenario counts them. */
  readonly requests: number;
  /** A seeded bug in place of the real thing. */
  readonly variant?: VariantName | undefined;
  /** A control: nobody waits for replicas. */
  readonly withoutReplicas?: boolean | undefined;
  /** Told now and then how far it is. */
  readonly progress: (line: string) => void;
}

/** What a scenario came to. */
export interface ScenarioResult {
  /** Counts by what they count, in the order in which they are to be shown. */
  readonly figures: ReadonlyMap<string, number>;
  /** One sentence each; empty when everything held. */
  readonly failures: readonly string[];
}

/** A family of faults. */
export interface Scenario {
  readonly name: string;
  /** What is done to what, in one line. */
  readonly title: string;
  run(options: ScenarioOptions): Promise<ScenarioResult>;
}

/** A result with further failures, which count as violations. */
export function withFailures(
  { figures, failures }: ScenarioResult,
  more: readonly string[],
): ScenarioResult {
  const violations = (figures.get('violations') ?? 0) + more.length;
  return {
    figures: new Map([...figures, ['violations', violations]]),
    failures: [...failures, ...new Set(more)],
  };
}

const FAILURES_SHOWN_MAX = 20;

/** Turns what happened on a stage into a result. */
export function resultOf(
  stage: StageResult,
  figures: Readonly<Record<string, number>> = {},
): ScenarioResult {
  const failures = [
    ...stage.violations.map(({ invariant, record, detail }) => `${invariant} ${record}: ${detail}`),
    ...stage.problems,
  ];
  const more = failures.length - FAILURES_SHOWN_MAX;
  const shown = failures.slice(0, FAILURES_SHOWN_MAX);
  return {
    figures: new Map([
      ['keyed requests', stage.requests],
      ['records', stage.records],
      ...Object.entries(figures),
      ['outcome unknown', stage.unknown],
      ['violations', failures.length],
    ]),
    failures: more > 0 ? [...shown, `and ${String(more)} more`] : shown,
  };
}
