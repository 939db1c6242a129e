import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findProgram, findPrograms, type Program } from './find-program.js';

const BROWSER: Program = {
  variable: 'TEST_BROWSER_BIN',
  names: ['test-browser', 'other-browser'],
  aptPackage: 'test-browser',
  need: 'The tests need a browser: install test-browser',
};
const DATABASE: Program = { ...BROWSER, variable: 'TEST_DATABASE_BIN', names: ['test-database'] };

describe('a program that tests need', () => {
  const { env } = process;
  let folder: string;

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'programs-'));
    // Nothing else is to be found, apt-get neither.
    process.env = { ...env, PATH: folder };
  });
  afterEach(() => {
    process.env = env;
    rmSync(folder, { recursive: true });
  });

  const program = (name: string, mode = 0o755): string => {
    const path = join(folder, name);
    writeFileSync(path, '#!/bin/sh\n', { mode });
    return path;
  };

  it('is the one that its variable names', () => {
    program('test-browser');
    process.env[BROWSER.variable] = program('mine');
    expect(findProgram(BROWSER)).toBe(join(folder, 'mine'));
  });

  it('is not replaced by another when its variable is wrong', () => {
    program('test-browser');
    process.env[BROWSER.variable] = program('text', 0o644);
    expect(() => findProgram(BROWSER)).toThrow(
      `TEST_BROWSER_BIN is ${join(folder, 'text')}, which is not an executable file.`,
    );
  });

  it('is found on the PATH, the preferred name first', () => {
    const other = program('other-browser');
    expect(findProgram(BROWSER)).toBe(other);
    const preferred = program('test-browser');
    expect(findProgram(BROWSER)).toBe(preferred);
  });

  it('is passed on to children in its variable', () => {
    const path = program('test-browser');
    findPrograms([BROWSER]);
    expect(process.env[BROWSER.variable]).toBe(path);
  });

  it('is asked for in one sentence each when it cannot be had', () => {
    expect(() => {
      findPrograms([BROWSER, DATABASE]);
    }).toThrow(
      'The tests need a browser: install test-browser, or set TEST_BROWSER_BIN to its path.\n' +
        'The tests need a browser: install test-browser, or set TEST_DATABASE_BIN to its path.',
    );
  });
});
