import { readFileSync } from 'node:fs';
import { arch, cpus } from 'node:os';
import type { ControlReport } from './run-controls.js';
import type { ScenarioReport } from './run-scenarios.js';
import type { YardstickResult } from './yardsticks.js';

/** Everything that a long run found out. */
export interface Evidence {
  readonly seed: string;
  readonly startedAt: Date;
  readonly seconds: number;
  readonly redisVersion: string;
  readonly packageFile: string;
  readonly scenarios: readonly ScenarioReport[];
  readonly controls: readonly ControlReport[];
  readonly yardsticks: readonly YardstickResult[];
  /** Markdown about runs of models, as it was given; empty without. */
  readonly models: string;
}

/** Figures that have a column of their own. */
const COLUMNS = ['keyed requests', 'records', 'outcome unknown', 'violations'];

/** Writes evidence down as Markdown: the same evidence gives the same text. */
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
- seed \`${seed}\`: with it in \`FAULTS_SEED\` the same choices are made again. How processes and packets
  interleave is up to the machine.

Real Apollo Servers in processes of their own, over real \`redis-server\` processes; a payment
provider outside of them counts every effect. Leases last one second, the shortest there is. Every
answer and every effect is held against these invariants, for each (scope, operation, key):

- **I1** at most one applied effect: sent once, or recognised by the provider by its downstream key;
- **I2** all answers are equal; **I3** no acknowledged result is denied later;
- **I4** no value of another scope, operation, key or of other arguments;
- **I5** every attempt has a larger fence than the one before; **I6** no answer without its effect;
- **I7** a key used again with other arguments has no second effect;
- **I8** no step runs again after it was recorded;
- **I9** a lease and two seconds after the last fault every record has its answer, or says that it is
  unknown (\`onCrash: REJECT\` after a crash only); and no process crashed, left a rejection unhandled,
  or stayed alive after it had been closed.`;
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
    'In all',
    ['what', 'how often'],
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
  return table('Scenarios', ['what was done', 'figures', ...COLUMNS, 'took'], rows);
}

function controls(reports: readonly ControlReport[]): string {
  const rows = reports.map(({ title, scenario, found, seconds }) => [
    title,
    scenario,
    found === 0 ? '**not caught**' : number(found),
    `${number(Math.round(seconds))} s`,
  ]);
  return table(
    'Controls: seeded bugs that the harness must catch',
    ['bug', 'scenario', 'violations', 'took'],
    rows,
  );
}

function yardsticks(results: readonly YardstickResult[]): string {
  const rows = results.map(({ title, records, duplicates, differing, stuck, unknown }) => [
    title,
    ...[records, duplicates, differing, stuck, unknown].map(number),
  ]);
  const columns = ['records', 'second effects', 'differing answers', 'never ended', 'said unknown'];
  return table(
    'Yardsticks: others under the same kills and pauses, leases alike',
    ['what', ...columns],
    rows,
  );
}

function failures({ scenarios: reports }: Evidence): string {
  const failed = reports.filter((report) => report.failures.length > 0);
  if (failed.length === 0) return '';
  const lines = failed.flatMap((report) =>
    report.failures.map((failure) => `- ${report.name}: ${failure.replaceAll('\n', ' ')}`),
  );
  return `## What did not hold\n\n${lines.join('\n')}`;
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

/** 12 345, as people write it. */
function number(value: number): string {
  return String(value).replace(/\B(?=(\d{3})+$)/g, ' ');
}

function minutes(seconds: number): string {
  return `${String(Math.round(seconds / 60))} minutes`;
}
