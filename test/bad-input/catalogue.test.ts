import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** A title, or an entry of a table of titles: `'row N: header and argument disagree'`. */
const TITLE = /^\s*(?:it\(|\[)?\s*['"`]row (\d+): \S/gm;
/** A row of the catalogue: its number, input, answer and tests. */
const ROW = /^\| +(\d+) \| (.+?) +\| (.+?) +\| (.*?) *\|$/gm;
const LINK = /\[([\w-]+)\]\(([\w-]+\.test\.ts)\)/g;

interface Row {
  readonly row: number;
  readonly answer: string;
  /** The files that it names. */
  readonly files: readonly string[];
}

const rows: readonly Row[] = Array.from(
  readFileSync(join(__dirname, 'CATALOGUE.md'), 'utf8').matchAll(ROW),
  ([, row, , answer = '', tests = '']) => ({
    row: Number(row),
    answer,
    files: Array.from(tests.matchAll(LINK), ([, , file = '']) => file),
  }),
);

/** "5 keys.test.ts" for each row that a file of this folder tests. */
function tested(): string[] {
  const files = readdirSync(__dirname).filter((name) => name.endsWith('.test.ts'));
  return files.flatMap((file) => {
    const source = readFileSync(join(__dirname, file), 'utf8');
    const numbers = Array.from(source.matchAll(TITLE), ([, row]) => Number(row));
    return [...new Set(numbers)].map((row) => `${String(row)} ${file}`);
  });
}

describe('the catalogue of bad inputs', () => {
  it('numbers its rows without a gap', () => {
    expect(rows.length).toBeGreaterThan(100);
    expect(rows.map(({ row }) => row)).toEqual(rows.map((_, index) => index + 1));
  });

  it('names the tests of every row, and no others', () => {
    const named = rows.flatMap(({ row, files }) => files.map((file) => `${String(row)} ${file}`));
    expect(named.sort()).toEqual(tested().sort());
  });

  it('has a test for every row, or says that there can be none', () => {
    const untested = rows.filter(({ files }) => files.length === 0);
    expect(untested.filter(({ answer }) => !answer.startsWith('not tested: '))).toEqual([]);
  });
});
