import type { Figures } from '../results.js';
import { spreadOfAny } from './compare.js';
import { count, medianOf, microseconds, type Show } from './format.js';

/** The heads of what `latencyCells` and `cpuCells` give. */
export const LATENCY_HEADS = ['p50', 'p99'];
export const CPU_HEADS = ['server CPU per request', 'Redis CPU per request'];

/** Requests per second, the median over rounds. */
export function rateCell(samples: readonly Figures[]): string {
  return median(samples, 'perSecond', count);
}

/** Latencies, medians over rounds. */
export function latencyCells(samples: readonly Figures[]): string[] {
  return [median(samples, 'p50Us', microseconds), median(samples, 'p99Us', microseconds)];
}

/** CPU of the server and of Redis, medians over rounds. */
export function cpuCells(samples: readonly Figures[]): string[] {
  return [median(samples, 'cpuUs', microseconds), median(samples, 'redisCpuUs', microseconds)];
}

function median(samples: readonly Figures[], figure: keyof Figures, show: Show): string {
  return medianOf(spreadOfAny(samples.map((sample) => sample[figure])), show);
}
