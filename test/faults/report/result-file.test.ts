import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readResults, ResultFile } from './result-file.js';

const START = {
  seed: '7',
  source: 'aaaa',
  commit: 'c0ffee',
  startedAt: '2026-11-27T02:00:00.000Z',
  machine: '2 processors (x64)',
  versions: { Node: '20.20.2' },
  settings: { FAULTS_ONLY: 'kills' },
};
const KILLS = {
  name: 'kills',
  title: 'worker ended',
  seconds: 12.5,
  figures: { 'keyed requests': 100, kills: 3, violations: 0 },
  highest: {},
  failures: ['I1 alice: 2 effects'],
  histories: [
    { name: 'alice', entries: [{ code: 'OK', receipt: { charge: 'c' } }], lines: [{ fence: 3 }] },
  ],
};

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'results-'));
});
afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

/** Changes what the one result file of the folder says. */
function damage(change: (text: string) => string): string {
  const [name = ''] = readdirSync(folder);
  const file = join(folder, name);
  writeFileSync(file, change(readFileSync(file, 'utf8')));
  return file;
}

test('the results of a start are read as they were added', () => {
  const file = new ResultFile(folder, START);
  file.add('scenarios', KILLS);
  file.add('controls', { title: 'a bug', scenario: 'kills', found: 4, seconds: 1 });
  file.finish();
  const [result, ...others] = readResults(folder);
  expect(others).toEqual([]);
  expect(result).toMatchObject({
    ...START,
    finished: true,
    scenarios: [KILLS],
    controls: [{ title: 'a bug', found: 4 }],
    yardsticks: [],
  });
  expect(result?.seconds).toBeGreaterThan(0);
});

test('what an interrupted start has done is kept, and says that it is not finished', () => {
  new ResultFile(folder, START).add('scenarios', KILLS);
  expect(readResults(folder)).toMatchObject([{ finished: false, scenarios: [KILLS] }]);
});

test('starts come in the order of their times', () => {
  for (const startedAt of ['2026-11-27T03:00:00.000Z', '2026-11-27T02:00:00.000Z']) {
    new ResultFile(folder, { ...START, startedAt }).finish();
  }
  expect(readResults(folder).map(({ startedAt }) => startedAt.slice(11, 13))).toEqual(['02', '03']);
});

test.each([
  ['cut off', (text: string) => text.slice(0, -20), 'is not JSON'],
  ['without its seed', (text: string) => text.replace('"seed"', '"root"'), 'seed'],
  [
    'with a count that is none',
    (text: string) => text.replace('"kills": 3', '"kills": -3'),
    'kills',
  ],
  ['without violations', (text: string) => text.replace('"violations"', '"errors"'), 'violations'],
])('a damaged file is named: %s', (_, change, reason) => {
  const written = new ResultFile(folder, START);
  written.add('scenarios', KILLS);
  const file = damage(change);
  expect(() => readResults(folder)).toThrow(file);
  expect(() => readResults(folder)).toThrow(reason);
});

test('results about different versions of src are not added up, and the error lists them', () => {
  new ResultFile(folder, START).finish();
  new ResultFile(folder, { ...START, seed: '8', source: 'bbbb' }).finish();
  const [one, two] = readdirSync(folder).sort();
  expect(() => readResults(folder)).toThrow(
    `different versions of src:\naaaa ${String(one)}\nbbbb ${String(two)}`,
  );
});

test('a folder without results is an error', () => {
  expect(() => readResults(folder)).toThrow(`no result files in ${folder}`);
});
