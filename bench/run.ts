import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { format, resolveConfig } from 'prettier';
import { ROOT } from '../test/faults/paths.js';
import { installPeers } from '../test/faults/yardsticks.js';
import { startRedis } from '../test/support/redis-server.js';
import { measureAll } from './measure-all.js';
import { FULL, QUICK } from './plan.js';
import { goalsOf } from './report/goals.js';
import { renderPlot } from './report/plot.js';
import { renderResults } from './report/render-results.js';
import type { BenchResults } from './results.js';

/**
 * Measures everything, and writes `bench/RESULTS.md` and `bench/throughput.svg`.
 *
 * Its environment: `BENCH_SEED`, which makes the order of turns, and `BENCH_QUICK`: if it is set, a
 * little of everything is measured and nothing is written.
 */
async function main({ env }: NodeJS.Process): Promise<void> {
  const seed = env['BENCH_SEED'] ?? String(Date.now());
  const isQuick = env['BENCH_QUICK'] !== undefined;
  say(`BENCH_SEED=${seed}`);
  const redis = await startRedis();
  try {
    say('installing the packages of other contenders');
    const peers = installPeers();
    try {
      const plan = isQuick ? QUICK : FULL;
      const results = await measureAll({ plan, seed, redis, modules: peers.folder }, say);
      if (!isQuick) await write(results);
      tellGoals(results);
    } finally {
      peers.remove();
    }
  } finally {
    await redis.stop();
  }
}

async function write(results: BenchResults): Promise<void> {
  const file = join(ROOT, 'bench/RESULTS.md');
  const config = await resolveConfig(file);
  writeFileSync(file, await format(renderResults(results), { ...config, parser: 'markdown' }));
  writeFileSync(join(ROOT, 'bench/throughput.svg'), await renderPlot(results));
  say('bench/RESULTS.md and bench/throughput.svg are written');
}

function tellGoals(results: BenchResults): void {
  for (const { title, target, measured, verdict } of goalsOf(results)) {
    console.log(`${verdict.padEnd(12)}  ${title}: ${target}\n${' '.repeat(14)}${measured}`);
  }
  console.log(`${String(Math.round(results.seconds))} seconds`);
}

function say(line: string): void {
  process.stderr.write(`${new Date().toISOString().slice(11, 19)} ${line}\n`);
}

main(process).catch((error: unknown) => {
  console.error(error);
  process.exitCode = 1;
});
