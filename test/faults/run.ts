import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { format, resolveConfig } from 'prettier';
import { startRedis } from '../support/redis-server.js';
import { renderEvidence } from './evidence.js';
import { ROOT } from './paths.js';
import { planOf } from './plan.js';
import { createRandom } from './random.js';
import { runControls } from './run-controls.js';
import { runScenarios } from './run-scenarios.js';
import { installPeers, measure, YARDSTICKS, type YardstickResult } from './yardsticks.js';

const YARDSTICK = { size: 60, requests: 600 };

/**
 * The long run: all scenarios, controls and yardsticks, written to `docs/evidence.md`.
 *
 * Its environment: what `planOf` reads, `FAULTS_SEED`, and `FAULTS_MODELS`, a Markdown file about
 * runs of models that is put into the evidence. With `FAULTS_ONLY` nothing is written.
 *
 * @returns whether everything held and every control was caught
 */
async function main(): Promise<boolean> {
  const { env } = process;
  const seed = env['FAULTS_SEED'] ?? String(Date.now());
  const startedAt = new Date();
  const say = (line: string): void => {
    process.stderr.write(`${new Date().toISOString().slice(11, 19)} ${line}\n`);
  };
  say(`FAULTS_SEED=${seed}`);
  const scenarios = await runScenarios(planOf(env), seed, say);
  const held = scenarios.every(({ failures }) => failures.length === 0);
  if (env['FAULTS_ONLY'] !== undefined) return held;

  const controls = await runControls(seed, say);
  const yardsticks = await runYardsticks(seed, say);
  const models = env['FAULTS_MODELS'];
  const evidence = {
    seed,
    startedAt,
    seconds: (Date.now() - startedAt.getTime()) / 1_000,
    redisVersion: await redisVersion(),
    packageFile: join(ROOT, 'package.json'),
    scenarios,
    controls,
    yardsticks,
    models: models === undefined ? '' : readFileSync(models, 'utf8'),
  };
  const file = join(ROOT, 'docs/evidence.md');
  const config = await resolveConfig(file);
  writeFileSync(file, await format(renderEvidence(evidence), { ...config, parser: 'markdown' }));
  return held && controls.every(({ found }) => found > 0);
}

async function runYardsticks(
  seed: string,
  say: (line: string) => void,
): Promise<YardstickResult[]> {
  const peers = installPeers();
  const results: YardstickResult[] = [];
  try {
    for (const entry of YARDSTICKS) {
      const random = createRandom(`${seed}/yardsticks`);
      const options = { ...YARDSTICK, random, progress: say };
      const result = await measure(entry, peers.folder, options);
      results.push(result);
      say(`yardstick ${entry.title}: ${JSON.stringify(result)}`);
    }
  } finally {
    peers.remove();
  }
  return results;
}

async function redisVersion(): Promise<string> {
  const redis = await startRedis();
  try {
    const server = await redis.info('server');
    return server.get('valkey_version') ?? String(server.get('redis_version'));
  } finally {
    await redis.stop();
  }
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
