import type { RecordView } from './checker.js';
import type { Random } from './random.js';
import type { TestbedResult } from './testbed.js';
import type { VariantName } from './rewrites.js';

/** Options of a scenario. */
export interface ScenarioOptions {
  readonly random: Random;
  /** The number of faults to inject. */
  readonly size: number;
  /** The least number of keyed requests, where the scenario counts them. */
  readonly requests: number;
  /** The duration of a steady load, which `size` does not limit then: `soak` only. */
  readonly minutes?: number | undefined;
  /** A seeded bug in place of the real thing. */
  readonly variant?: VariantName | undefined;
  /** A control: nobody waits for replicas. */
  readonly withoutReplicas?: boolean | undefined;
  /** Told now and then how far it is. */
  readonly progress: (line: string) => void;
}

/** The result of a scenario. */
export interface ScenarioResult {
  /** Counts by what they count, in the order in which they are shown. Those of several starts add up. */
  readonly figures: Figures;
  /** Measurements, of which the highest counts. */
  readonly highest?: Readonly<Record<string, number>>;
  /** One sentence each; empty when everything held. */
  readonly failures: readonly string[];
  /** All that happened to the first records with a violation, so that its cause can be found. */
  readonly histories?: readonly RecordHistory[];
}

/** The requests for a record and its effects. */
export type RecordHistory = Pick<RecordView, 'name' | 'entries' | 'lines'>;

/** Counts by what they count. */
export type Figures = Record<string, number> & { violations: number };

/** The figures of a scenario that did not come to its end. */
export const FAILED = { figures: { violations: 1 } };

/** A family of faults. */
export interface Scenario {
  readonly name: string;
  /** The fault and its target, in one line. */
  readonly title: string;
  run(options: ScenarioOptions): Promise<ScenarioResult>;
}

/** A result with further failures, which count as violations. */
export function withFailures(
  { figures, failures, ...result }: ScenarioResult,
  more: readonly string[],
): ScenarioResult {
  const violations = figures.violations + more.length;
  return {
    ...result,
    figures: { ...figures, violations },
    failures: [...failures, ...new Set(more)],
  };
}

const FAILURES_SHOWN_MAX = 20;
const HISTORIES_MAX = 20;

/** Turns what happened on a testbed into a result. */
export function resultOf(
  testbed: TestbedResult,
  figures: Readonly<Record<string, number>> = {},
): ScenarioResult {
  const failures = [
    ...testbed.violations.map(
      ({ invariant, view, detail }) => `${invariant} ${view.name}: ${detail}`,
    ),
    ...testbed.problems,
  ];
  const more = failures.length - FAILURES_SHOWN_MAX;
  const shown = failures.slice(0, FAILURES_SHOWN_MAX);
  return {
    figures: {
      'keyed requests': testbed.requests,
      records: testbed.records,
      ...figures,
      'outcome unknown': testbed.unknown,
      violations: failures.length,
    },
    failures: more > 0 ? [...shown, `and ${String(more)} more`] : shown,
    histories: historiesOf(testbed),
  };
}

function historiesOf({ violations }: TestbedResult): readonly RecordHistory[] {
  const views = [...new Set(violations.map(({ view }) => view))];
  return views
    .slice(0, HISTORIES_MAX)
    .map(({ name, entries, lines }) => ({ name, entries, lines }));
}
