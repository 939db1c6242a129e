import type { BenchResults } from '../results.js';
import { throughputRatio } from './compare.js';
import { count, NOT_MEASURED, numberOf, times } from './format.js';
import type { Goal } from './goal.js';
import { BUSY } from './goals.js';

/** What a reader wants first, in one sentence. */
export function headline(results: BenchResults, goals: readonly Goal[]): string {
  const against = (mode: 'first' | 'replay'): string => {
    const ratio = throughputRatio(results, 'redis', 'none', { connections: BUSY, mode });
    return ratio === undefined ? NOT_MEASURED : `**${times(ratio.median)}**`;
  };
  const reached = goals.filter(({ verdict }) => verdict === 'reached').length;
  return `Throughput at ${String(BUSY)} connections, with the plugin and Redis against the same server
without idempotency: first executions ${against('first')}, replays ${against('replay')};
${count(reached)} of ${count(goals.length)} goals are reached.`;
}

/** When and on what it was measured, and how to do it again. */
export function setting({ startedAt, seconds, machine }: BenchResults): string {
  const minutes = numberOf(Math.max(1, Math.round(seconds / 60)), 'minute');
  const versions = Object.entries(machine.versions).map(([name, version]) => `${name} ${version}`);
  return `Written by \`npm run bench\`, which measures all of it again:

- on ${startedAt.slice(0, 10)}, in ${minutes}, on ${numberOf(machine.cpus, 'processor')}
  (${machine.model.trim()}) with ${count(machine.memoryGiB)} GiB of memory;
- ${versions.join(', ')};
- [how it is measured](#how-it-is-measured) stands below the goals, and why some are not reached in
  [performance.md](../docs/performance.md).`;
}

/** What makes the figures worth reading. */
export function method(): string {
  return `- Redis is the benchmark's own, and every server runs in a process of its own.
- Every timed answer is checked, and effects are counted: a wrong answer or a wrong number voids the
  run.
- Contenders take turns, in short rounds, in a random order.
- Figures are medians over rounds. Ratios are made within a round: 1.02x (0.98x to 1.05x) is the median,
  the least and the most.
- The resolver itself does nothing. That is the worst case for whoever stands around it.`;
}
