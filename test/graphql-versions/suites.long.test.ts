import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { findNode } from '../support/node-versions.js';

const ROOT = resolve(__dirname, '../..');
const OUTPUT_LENGTH_MAX = 20_000;

/** What Jest writes about a run. */
interface Results {
  readonly success: boolean;
  readonly numPassedTests: number;
  readonly numPassedTestSuites: number;
}

/** Runs the suites that depend on graphql with the package `graphql` of that name. */
function runSuites(node: string, graphql: string, folder: string): Promise<string> {
  const argv = [
    join(ROOT, 'node_modules/jest/bin/jest.js'),
    ...['--config', join(__dirname, 'jest.config.cjs'), '--runInBand', '--ci'],
    ...['--json', '--outputFile', join(folder, 'results.json')],
  ];
  const env = { ...process.env, GRAPHQL_PACKAGE: graphql };
  return new Promise((done, reject) => {
    const child = spawn(node, argv, { cwd: ROOT, env, stdio: ['ignore', 'ignore', 'pipe'] });
    let output = '';
    child.stderr.on('data', (text) => (output = (output + String(text)).slice(-OUTPUT_LENGTH_MAX)));
    child.on('error', reject);
    child.on('close', () => {
      done(output);
    });
  });
}

/** The Node that runs these tests, if it is as new as that. */
async function nodeFrom(major: number): Promise<string> {
  if (Number.parseInt(process.versions.node, 10) >= major) return process.execPath;
  const { program } = await findNode(major);
  if (program !== undefined) return program;
  throw new Error(
    `graphql 17 needs Node ${String(major)}, which the registry does not have for this platform. ` +
      `Run the tests with Node ${String(major)}.`,
  );
}

describe('the suites that depend on graphql', () => {
  it.each([
    ['the oldest graphql 16', 'graphql-16-oldest', 20],
    ['graphql 17', 'graphql-17', 22],
  ])(
    'pass with %s',
    async (_, graphql, major) => {
      const folder = mkdtempSync(join(tmpdir(), 'graphql-versions-'));
      const output = await runSuites(await nodeFrom(major), graphql, folder);
      const results = JSON.parse(readFileSync(join(folder, 'results.json'), 'utf8')) as Results;
      rmSync(folder, { recursive: true });
      if (!results.success) throw new Error(`With ${graphql}:\n${output}`);
      process.stdout.write(`${graphql}: ${String(results.numPassedTests)} tests passed.\n`);
      expect(results.numPassedTestSuites).toBeGreaterThan(20);
      expect(results.numPassedTests).toBeGreaterThan(500);
    },
    900_000,
  );
});
