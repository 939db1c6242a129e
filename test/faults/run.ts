import { readFileSync } from 'node:fs';
import { arch, cpus } from 'node:os';
import { join } from 'node:path';
import { RESULTS_FOLDER, ROOT } from './paths.js';
import { planOf } from './plan.js';
import { ResultFile } from './report/result-file.js';
import { checkedOutCommit, sourceDigest } from './report/source.js';
import { partsOf, redisVersion, runParts } from './run-parts.js';

/** Libraries whose versions are part of the results. */
const LIBRARIES = ['@apollo/server', 'graphql', 'ioredis', 'pg'];
/** Variables that do not change what a start does. */
const NO_SETTINGS = new Set(['FAULTS_SEED', 'FAULTS_RESULTS', 'FAULTS_MODELS', 'FAULTS_LANES']);

/**
 * One start: the scenarios, controls and yardsticks of its plan. Writes their results to a file of
 * `FAULTS_RESULTS`, from which `report/main.ts` makes the evidence.
 *
 * Its environment: what `planOf` reads, and `FAULTS_SEED`.
 *
 * @returns whether everything held and every control was caught
 */
async function main(): Promise<boolean> {
  const { env } = process;
  const seed = env['FAULTS_SEED'] ?? String(Date.now());
  const say = (line: string): void => {
    process.stderr.write(`${new Date().toISOString().slice(11, 19)} ${line}\n`);
  };
  const plan = planOf(env);
  const results = new ResultFile(RESULTS_FOLDER, {
    seed,
    source: sourceDigest(),
    commit: checkedOutCommit(),
    startedAt: new Date().toISOString(),
    machine: `${String(cpus().length)} processors (${arch()})`,
    versions: {
      Node: process.versions.node,
      Redis: await redisVersion(),
      ...versionsOf(LIBRARIES),
    },
    settings: Object.fromEntries(
      Object.entries(env)
        .filter(([name]) => name.startsWith('FAULTS_') && !NO_SETTINGS.has(name))
        .map(([name, value]) => [name, String(value)]),
    ),
  });
  say(`FAULTS_SEED=${seed}; results: ${results.path}`);
  const held = await runParts(partsOf(plan, { seed, say, results }), plan.lanes, say);
  results.finish();
  return held;
}

function versionsOf(names: readonly string[]): Record<string, string> {
  const { devDependencies } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as {
    devDependencies: Record<string, string>;
  };
  return Object.fromEntries(names.map((name) => [name, String(devDependencies[name])]));
}

void main().then(
  (held) => {
    process.exitCode = held ? 0 : 1;
  },
  (error: unknown) => {
    process.stderr.write(`${String(error)}\n`);
    process.exitCode = 1;
  },
);
