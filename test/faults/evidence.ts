import { readFileSync } from 'node:fs';
import { arch, cpus } from 'node:os';
import type { ControlReport } from './run-controls.js';
import type { ScenarioReport } from './run-scenarios.js';
import type { YardstickResult } from './yardsticks.js';

/** The results of a long run. */
export interface Evidence {
  readonly seed: string;
  readonly startedAt: Date;
  readonly seconds: number;
  readonly redisVersion: string;
  readonly packageFile: string;
  readonly scenarios: readonly ScenarioReport[];
  readonly controls: readonly ControlReport[];
  readonly yardsticks: readonly YardstickResult[];
  /** Markdown about runs of models, unchanged; empty if there is none. */
  readonly models: string;
}

/** Figures that have a column of their own. */
const COLUMNS = ['keyed requests', 'records', 'outcome unknown', 'violations'];

/** Renders evidence as Markdown: the same evidence gives the same text. */
export function renderEvidence(evidence: Evidence): string {
  const sections = [
    introduction(evidence),
    totals(evidence.scenarios),
    scenarios(evidence.scenarios),
    controls(evidence.controls),
    yardsticks(evidence.yardsticks),
    evidence.models.trim(),
    failures(evidence),
  ];
  return `${sections.filter((section) => section !== '').join('\n\n')}\n`;
}

function introduction({ seed, startedAt, seconds, redisVersion, packageFile }: Evidence): string {
  const { devDependencies } = JSON.parse(readFileSync(packageFile, 'utf8')) as {
    devDependencies: Record<string, string>;
  };
  const versions = ['@apollo/server', 'graphql', 'ioredis'].map(
    (name) => `${name} ${String(devDependencies[name])}`,
  );
  return `# Evidence

Written by \`npm run test:faults\`:

- on ${startedAt.toISOString().slice(0, 10)}, in ${minutes(seconds)}, on ${String(cpus().length)} processors (${arch()});
- Node ${process.versions.node}, Redis ${redisVersion}, ${versions.join(', ')};
- seed \`${seed}\`: with \`FAULTS_SEED\` set to it, a run makes the same choices again. How processes and
  packets interleave depends on the machine.

Apollo Servers run in separate processes over real \`redis-server\` processes, and a payment provider
outside of them counts every effect. Leases last one second, the shortest allowed. The harness checks
every answer and every effect against these invariants, for each (scope, operation, key):

- **I1** at most one effect is applied: it was sent once, or the provider recognised its downstream key;
- **I2** all answers are equal; **I3** no acknowledged result is denied later;
- **I4** no answer holds a value of another scope, operation or key, or of other arguments;
- **I5** each attempt has a larger fence than the one before; **I6** no answer comes without its effect;
- **I7** a key that is reused with other arguments has no second effect;
- **I8** no step runs again after it was recorded;
- **I9** a lease and two seconds after the last fault, every record has its answer or is reported as
  unknown (only with \`onCrash: REJECT\`, after a crash); no process crashed, left a rejection unhandled,
  or stayed alive after it was closed.`;
}

function totals(reports: readonly ScenarioReport[]): string {
  const sum = (figure: string): number =>
    reports.reduce((total, { figures }) => total + (figures.get(figure) ?? 0), 0);
  const counted = [
    'keyed requests',
    'kills',
    'pauses',
    'Redis kills',
    'cut connections',
    'failovers with lag',
    'database kills',
    'violations',
  ];
  return table(
    'Totals',
    ['what', 'count'],
    counted.map((figure) => [figure, number(sum(figure))]),
  );
}

function scenarios(reports: readonly ScenarioReport[]): string {
  const rows = reports.map(({ title, figures, seconds }) => {
    const injected = [...figures].filter(([name]) => !COLUMNS.includes(name));
    return [
      title,
      injected.map(([name, value]) => `${name}: ${number(value)}`).join('; '),
      ...COLUMNS.map((name) => number(figures.get(name) ?? 0)),
      `${number(Math.round(seconds))} s`,
    ];
  });
  return table('Scenarios', ['fault', 'figures', ...COLUMNS, 'duration'], rows);
}

function controls(reports: readonly ControlReport[]): string {
  const rows = reports.map(({ title, scenario, found, seconds }) => [
    title,
    scenario,
    found === 0 ? '**not caught**' : number(found),
    `${number(Math.round(seconds))} s`,
  ]);
  return table(
    'Controls: deliberate bugs that the harness must catch',
    ['bug', 'scenario', 'violations', 'duration'],
    rows,
  );
}

function yardsticks(results: readonly YardstickResult[]): string {
  const rows = results.map(({ title, records, duplicates, differing, stuck, unknown }) => [
    title,
    ...[records, duplicates, differing, stuck, unknown].map(number),
  ]);
  const columns = [
    'records',
    'second effects',
    'differing answers',
    'never answered',
    'reported unknown',
  ];
  return table(
    'Other solutions under the same kills and pauses, with the same lease',
    ['solution', ...columns],
    rows,
  );
}

function failures({ scenarios: reports }: Evidence): string {
  const failed = reports.filter((report) => report.failures.length > 0);
  if (failed.length === 0) return '';
  const lines = failed.flatMap((report) =>
    report.failures.map((failure) => `- ${report.name}: ${failure.replaceAll('\n', ' ')}`),
  );
  return `## Violations\n\n${lines.join('\n')}`;
}

function table(
  title: string,
  head: readonly string[],
  rows: readonly (readonly string[])[],
): string {
  if (rows.length === 0) return '';
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  return [`## ${title}`, '', line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n');
}

/** A number with its digits in groups: 12 345. */
function number(value: number): string {
  return String(value).replace(/\B(?=(\d{3})+$)/g, ' ');
}

function minutes(seconds: number): string {
  return `${String(Math.round(seconds / 60))} minutes`;
}
