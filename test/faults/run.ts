import { CONTROLS } from './controls.js';
import { planOf } from './plan.js';
import { createRandom } from './random.js';

/** Runs the plan scenario by scenario. */
async function main(): Promise<void> {
  const seed = process.env['FAULTS_SEED'] ?? String(Date.now());
  process.stderr.write(`FAULTS_SEED=${seed}\n`);
  const c = process.env['CONTROLS'];
  const plan =
    c === undefined
      ? planOf(process.env)
      : CONTROLS.filter(({ variant }) => c === 'all' || c.split(',').includes(variant));
  for (const { scenario, size, requests, ...rest } of plan) {
    const startedAt = Date.now();
    const variant = 'variant' in rest ? (rest as any).variant : undefined;
    const result = await scenario
      .run({
        random: createRandom(`${seed}/${scenario.name}`),
        size,
        requests,
        variant,
        progress: (line) => process.stderr.write(`  ${scenario.name}: ${line}\n`),
      })
      .catch((e: any) => ({ figures: new Map(), failures: [String(e)] }));
    process.stderr.write(
      `${variant ?? ''} ${scenario.name} ${String((Date.now() - startedAt) / 1000)} ${JSON.stringify([...result.figures])} ${result.failures.slice(0, variant ? 3 : 20).join('\n')}\n`,
    );
  }
}

void main();
