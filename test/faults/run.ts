import { planOf } from './plan.js';
import { createRandom } from './random.js';

/** Runs the plan scenario by scenario. */
async function main(): Promise<void> {
  const seed = process.env['FAULTS_SEED'] ?? String(Date.now());
  const plan = planOf(process.env);
  process.stderr.write(`FAULTS_SEED=${seed}\n`);
  for (const { scenario, size, requests } of plan) {
    const startedAt = Date.now();
    const result = await scenario.run({
      random: createRandom(`${seed}/${scenario.name}`),
      size,
      requests,
      progress: (line) => process.stderr.write(`  ${scenario.name}: ${line}\n`),
    });
    process.stderr.write(
      `${scenario.name} ${String((Date.now() - startedAt) / 1000)} ${JSON.stringify([...result.figures])} ${result.failures.join('\n')}\n`,
    );
  }
}

void main();
