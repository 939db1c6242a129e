import { renderEvidence } from './evidence.js';
import type { RunResult, ScenarioReport } from './result-file.js';

const START: RunResult = {
  seed: '1',
  source: 'aaaa',
  commit: 'c0ffee',
  startedAt: '2026-11-27T02:00:00.000Z',
  seconds: 600,
  finished: true,
  machine: '2 processors (x64)',
  versions: { Node: '20.20.2', Redis: '7.0.15' },
  settings: {},
  scenarios: [],
  controls: [],
  yardsticks: [],
};

function scenario(name: string, figures: Record<string, number>, more = {}): ScenarioReport {
  return {
    name,
    title: `faults of ${name}`,
    seconds: 60,
    figures: { violations: 0, ...figures },
    highest: {},
    failures: [],
    histories: [],
    ...more,
  };
}

/** The cells of the rows of the table under a heading. */
function rowsOf(page: string, heading: string): string[][] {
  const section = page.split(`## ${heading}`)[1]?.split('\n## ')[0] ?? '';
  return section
    .split('\n')
    .filter((line) => line.startsWith('|'))
    .slice(2)
    .map((line) =>
      line
        .split('|')
        .slice(1, -1)
        .map((cell) => cell.trim()),
    );
}

test('the figures of a scenario are added up over the starts, its measurements are not', () => {
  const results = [
    {
      ...START,
      scenarios: [scenario('soak', { 'keyed requests': 900_000 }, { highest: { heap: 9 } })],
    },
    {
      ...START,
      scenarios: [scenario('soak', { 'keyed requests': 300_000 }, { highest: { heap: 7 } })],
    },
  ];
  const [row] = rowsOf(renderEvidence(results, [], ''), 'Scenarios');
  expect(row).toEqual([
    '`soak`: faults of soak',
    'heap: at most 9',
    ...['1 200 000', '0', '0', '0', '2', '2 min'],
  ]);
});

test('totals are over all scenarios and starts', () => {
  const results = [
    { ...START, scenarios: [scenario('kills', { kills: 3 }), scenario('commits', { kills: 40 })] },
    { ...START, scenarios: [scenario('transactions', { kills: 500 })] },
  ];
  expect(rowsOf(renderEvidence(results, [], ''), 'Totals')).toContainEqual(['kills', '543']);
});

test('scenarios come in the given order, those that are not in it last', () => {
  const scenarios = ['new', 'cuts', 'kills'].map((name) => scenario(name, {}));
  const rows = rowsOf(
    renderEvidence([{ ...START, scenarios }], ['kills', 'cuts'], ''),
    'Scenarios',
  );
  expect(rows.map(([name]) => name?.split(':')[0])).toEqual(['`kills`', '`cuts`', '`new`']);
});

test('a violation names the start that it comes from', () => {
  const broken = scenario('cuts', { violations: 1 }, { failures: ['I1 alice: 2 effects'] });
  const page = renderEvidence([START, { ...START, seed: '2', scenarios: [broken] }], [], '');
  expect(page).toContain(
    '- `cuts`, seed `2`, started at 2026-11-27T02:00:00.000Z: I1 alice: 2 effects',
  );
  expect(rowsOf(page, 'Starts').map((cells) => cells.at(-1))).toEqual(['0', '1']);
  expect(renderEvidence([START], [], '')).not.toContain('## Violations');
});

test('a control that one start missed stands out', () => {
  const control = { title: 'a bug', scenario: 'cuts', seconds: 2 };
  const results = [
    { ...START, controls: [{ ...control, found: 5 }] },
    { ...START, controls: [{ ...control, found: 0 }] },
  ];
  const rows = rowsOf(renderEvidence(results, [], ''), 'Controls');
  expect(rows).toEqual([['a bug', '`cuts`', '**1**', '2', '5', '4 s']]);
});

test('yardsticks are added up', () => {
  const yardstick = {
    title: 'a lock',
    records: 10,
    duplicates: 1,
    differing: 2,
    stuck: 0,
    unknown: 3,
  };
  const results = [START, START].map((start) => ({ ...start, yardsticks: [yardstick] }));
  const [row] = rowsOf(renderEvidence(results, [], ''), 'Other solutions');
  expect(row).toEqual(['a lock', '20', '2', '4', '0', '6']);
});

test('an interrupted start, its settings and the models are shown', () => {
  const results = [
    { ...START, finished: false, settings: { FAULTS_ONLY: 'kills', FAULTS_KILLS: '9' } },
  ];
  const page = renderEvidence(results, [], '## Models\n\nIn SPIN.\n');
  expect(rowsOf(page, 'Starts')[0]?.slice(1, 4)).toEqual([
    '`FAULTS_ONLY=kills FAULTS_KILLS=9`',
    '2026-11-27 02:00',
    '10 min, interrupted',
  ]);
  expect(page).toContain('\n\n## Models\n\nIn SPIN.\n\n');
});
