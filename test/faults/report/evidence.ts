import type { ControlReport, RunResult, ScenarioReport, YardstickReport } from './result-file.js';

/** Figures that have a column of their own. */
const COLUMNS = ['keyed requests', 'records', 'outcome unknown', 'violations'];
/** Figures that are added up over all scenarios. */
const TOTALS = [
  'keyed requests',
  'records',
  'kills',
  'pauses',
  'Redis kills',
  'power cuts',
  'cut connections',
  'failovers with lag',
  'database kills',
  'outcome unknown',
  'violations',
];

/**
 * Renders the results of all starts as one page of Markdown: the same results give the same page.
 *
 * @param order - names of scenarios, in the order in which they are shown
 * @param models - Markdown about runs of models, put into the page unchanged; empty if there is none
 */
export function renderEvidence(
  results: readonly RunResult[],
  order: readonly string[],
  models: string,
): string {
  const reports = results.flatMap(({ scenarios }) => scenarios);
  const rank = (name: string): number => (order.includes(name) ? order.indexOf(name) : Infinity);
  const sums = [...groupBy(reports, ({ name }) => name).values()]
    .map(addUp)
    .sort((a, b) => rank(a.name) - rank(b.name));
  const sections = [
    introduction(results),
    totals(sums),
    scenarios(sums),
    controls(results.flatMap((result) => result.controls)),
    yardsticks(results.flatMap((result) => result.yardsticks)),
    models.trim(),
    starts(results),
    violations(results),
  ];
  return `${sections.filter((section) => section !== '').join('\n\n')}\n`;
}

function introduction(results: readonly RunResult[]): string {
  const distinct = (texts: readonly string[]): string => [...new Set(texts)].join('; ');
  const versions = results.map((result) =>
    Object.entries(result.versions)
      .map(([name, version]) => `${name} ${version}`)
      .join(', '),
  );
  const commits = results.map(({ commit }) => `\`${commit}\``);
  return `# Evidence

Real servers are killed, paused, cut off and made to forget while clients send them payments. This page adds up the
[starts](#starts) of \`npm run test:faults\`. \`npm run test:faults:report\` wrote it from their result files.

- **What was done.** Apollo Servers run in processes of their own over real \`redis-server\` processes. Clients send mutations with
  idempotency keys, and send them again until they are answered, while faults are injected at random. Most leases last two seconds,
  so that they lapse often. A payment provider, which no fault touches, counts every effect. In the scenario \`transactions\`, the
  effects are rows of a PostgreSQL database.
- **What is counted.** A *keyed request* is one request with a key that a client sent. A *record* is one (scope, operation, key),
  which is requested once more after the faults. *Outcome unknown* counts the records for which this request was told so: the
  truth about a crash, with \`onCrash: REJECT\`. A *violation* is a broken rule of the list below.
- **How to repeat it.** Run \`FAULTS_SEED=<seed> npm run test:faults\` with a seed and the settings of [Starts](#starts), then
  \`npm run test:faults:report\`. A seed repeats the choices of the harness. How processes and packets interleave depends on the machine.
- **On what.** Commits ${distinct(commits)}, all with the same library (\`src\` has the digest \`${distinct(results.map(({ source }) => source))}\`);
  ${distinct(versions)}; ${distinct(results.map(({ machine }) => machine))}.

The harness checks every answer and every effect of each (scope, operation, key):

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

/** The results of one scenario, added up. */
interface ScenarioSum {
  readonly name: string;
  readonly title: string;
  readonly starts: number;
  readonly seconds: number;
  readonly figures: ReadonlyMap<string, number>;
  readonly highest: ReadonlyMap<string, number>;
}

function addUp(reports: readonly ScenarioReport[]): ScenarioSum {
  const [{ name, title } = { name: '', title: '' }] = reports;
  const figures = new Map<string, number>();
  const highest = new Map<string, number>();
  for (const report of reports) {
    for (const [figure, value] of Object.entries(report.figures)) {
      figures.set(figure, (figures.get(figure) ?? 0) + value);
    }
    for (const [figure, value] of Object.entries(report.highest)) {
      highest.set(figure, Math.max(highest.get(figure) ?? 0, value));
    }
  }
  const seconds = sum(reports.map((report) => report.seconds));
  return { name, title, figures, highest, seconds, starts: reports.length };
}

function totals(sums: readonly ScenarioSum[]): string {
  const rows = TOTALS.map((figure) => [
    figure,
    number(sum(sums.map(({ figures }) => figures.get(figure) ?? 0))),
  ]);
  return table('Totals', ['what', 'count'], rows);
}

function scenarios(sums: readonly ScenarioSum[]): string {
  const rows = sums.map(({ name, title, figures, highest, starts: count, seconds }) => {
    const counted = [...figures].filter(([figure]) => !COLUMNS.includes(figure));
    return [
      `\`${name}\`: ${title}`,
      [
        ...counted.map(([figure, value]) => `${figure}: ${number(value)}`),
        ...[...highest].map(([figure, value]) => `${figure}: at most ${number(value)}`),
      ].join('; '),
      ...COLUMNS.map((figure) => number(figures.get(figure) ?? 0)),
      number(count),
      minutes(seconds),
    ];
  });
  return table('Scenarios', ['fault', 'figures', ...COLUMNS, 'starts', 'duration'], rows);
}

function controls(reports: readonly ControlReport[]): string {
  const rows = [...groupBy(reports, ({ title }) => title)].map(([title, group]) => {
    const caught = group.filter(({ found }) => found > 0).length;
    return [
      title,
      `\`${group[0].scenario}\``,
      caught === group.length ? number(caught) : `**${number(caught)}**`,
      number(group.length),
      number(sum(group.map(({ found }) => found))),
      minutes(sum(group.map(({ seconds }) => seconds))),
    ];
  });
  return table(
    'Controls: deliberate bugs that the harness must catch',
    ['bug', 'scenario', 'times caught', 'times tried', 'violations', 'duration'],
    rows,
  );
}

function yardsticks(reports: readonly YardstickReport[]): string {
  const rows = [...groupBy(reports, ({ title }) => title)].map(([title, group]) => [
    title,
    ...(['records', 'duplicates', 'differing', 'stuck', 'unknown'] as const).map((figure) =>
      number(sum(group.map((report) => report[figure]))),
    ),
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

function starts(results: readonly RunResult[]): string {
  const rows = results.map((result) => {
    const settings = Object.entries(result.settings).map(([name, value]) => `${name}=${value}`);
    const found = result.scenarios.map(({ figures }) => figures.violations);
    return [
      `\`${result.seed}\``,
      settings.length === 0 ? 'everything' : `\`${settings.join(' ')}\``,
      result.startedAt.slice(0, 16).replace('T', ' '),
      `${minutes(result.seconds)}${result.finished ? '' : ', interrupted'}`,
      `\`${result.commit}\``,
      number(sum(found)),
    ];
  });
  return table('Starts', ['seed', 'settings', 'at', 'duration', 'commit', 'violations'], rows);
}

function violations(results: readonly RunResult[]): string {
  const lines = results.flatMap(({ seed, startedAt, scenarios: reports }) =>
    reports.flatMap(({ name, failures }) =>
      failures.map(
        (failure) =>
          `- \`${name}\`, seed \`${seed}\`, started at ${startedAt}: ${failure.replaceAll('\n', ' ')}`,
      ),
    ),
  );
  return lines.length === 0 ? '' : `## Violations\n\n${lines.join('\n')}`;
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

function groupBy<T>(items: readonly T[], keyOf: (item: T) => string): Map<string, [T, ...T[]]> {
  const groups = new Map<string, [T, ...T[]]>();
  for (const item of items) {
    const group = groups.get(keyOf(item));
    if (group === undefined) groups.set(keyOf(item), [item]);
    else group.push(item);
  }
  return groups;
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

/** A number with its digits in groups: 12 345. */
function number(value: number): string {
  return String(value).replace(/\B(?=(\d{3})+$)/g, ' ');
}

function minutes(seconds: number): string {
  return seconds < 100
    ? `${String(Math.round(seconds))} s`
    : `${number(Math.round(seconds / 60))} min`;
}
