import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** The bad inputs that are thought of have numbers; a title says which one its test is about. */
const LAST_ROW = 133;

/** Rows without a test, and why. */
const NOT_HERE: ReadonlyMap<number, string> = new Map([
  [109, 'No library can tell that a resolver returned somebody else’s data.'],
  [110, 'Parts of a result cannot be left out of its record in this version.'],
  [114, 'Outcomes are not encrypted in this version, so nothing ties a ciphertext to its record.'],
  [116, 'Outcomes are not encrypted in this version, so there are no keys with ids.'],
  [130, 'Digests are made without a secret in this version.'],
]);

/** A title, or an entry of a table of titles: `'row 23: header and argument disagree'`. */
const TITLE = /^\s*(?:it\(|\[)?\s*['"`]row (\d+): \S/gm;

/** The rows that the tests of this folder are about. */
function testedRows(): number[] {
  const files = readdirSync(__dirname).filter((name) => name.endsWith('.test.ts'));
  return files.flatMap((name) => {
    const source = readFileSync(join(__dirname, name), 'utf8');
    return Array.from(source.matchAll(TITLE), ([, row]) => Number(row));
  });
}

describe('the catalogue of bad inputs', () => {
  const tested = new Set(testedRows());
  const rows = Array.from({ length: LAST_ROW }, (_, index) => index + 1);

  it('has a test for every row, or says why not', () => {
    expect(rows.filter((row) => !tested.has(row) && !NOT_HERE.has(row))).toEqual([]);
  });

  it('excuses no row that has a test', () => {
    expect([...NOT_HERE.keys()].filter((row) => tested.has(row))).toEqual([]);
  });

  it('has no tests of rows that there are not', () => {
    expect([...tested, ...NOT_HERE.keys()].filter((row) => !rows.includes(row))).toEqual([]);
  });
});
