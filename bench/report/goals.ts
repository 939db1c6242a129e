import type { BenchResults } from '../results.js';
import {
  addedLatency,
  addedLatencyRatio,
  samplesOf,
  spreadOfAny,
  throughputRatio,
  type AddedLatency,
} from './compare.js';
import { medianOf, microseconds, times } from './format.js';
import { goalOf, judgeSpread, type Goal, type Limit } from './goal.js';
import {
  bystandersUntouched,
  codecFast,
  populationFlat,
  recordsSmall,
  waitersWoken,
} from './goals-of-parts.js';
import { aheadOfOthers } from './goals-of-others.js';
import { redisCpuSmall } from './goals-of-redis.js';
import { inProcessSmall } from './in-process-section.js';

/** Connections of a server that is kept busy. */
export const BUSY = 32;

/** All goals, each held against the figures of one run. */
export function goalsOf(results: BenchResults): readonly Goal[] {
  return [
    throughput(results, 'first', 'none', 1),
    throughput(results, 'replay', 'none', 1.2),
    throughput(results, 'first', 'floor-batched', 0.95),
    latencyOfFirst(results),
    latencyOfReplay(results),
    aheadOfOthers(results),
    bystandersUntouched(results),
    redisCpuSmall(results),
    recordsSmall(results),
    waitersWoken(results),
    populationFlat(results),
    codecFast(results),
    inProcessSmall(results.inProcess),
  ];
}

const ACTS = { first: 'first execution', replay: 'replay' };
const OTHERS = { none: 'no idempotency', 'floor-batched': 'the floor with auto-pipelining' };

function throughput(
  results: BenchResults,
  mode: keyof typeof ACTS,
  other: keyof typeof OTHERS,
  least: number,
): Goal {
  const limit: Limit = { relation: 'at least', value: least };
  const ratio = throughputRatio(results, 'redis', other, { connections: BUSY, mode });
  return goalOf(
    `${ACTS[mode]}, ${String(BUSY)} connections, against ${OTHERS[other]}`,
    `throughput at least ${times(least)}`,
    [judgeSpread(ratio, limit, times)],
  );
}

function latencyOfFirst(results: BenchResults): Goal {
  const row = { connections: 1, mode: 'first' } as const;
  return latency(
    'first execution, one connection, against two bare round trips',
    addedLatency(results, 'redis', row),
    addedLatency(results, 'two-pings', row),
  );
}

function latencyOfReplay(results: BenchResults): Goal {
  const replay = { connections: 1, mode: 'replay' } as const;
  // A bare round trip is the same in both modes; it may have been measured in one of them only.
  const pinged = samplesOf(results, 'one-ping', replay).length > 0;
  const ping = { connections: 1, mode: pinged ? 'replay' : 'first' } as const;
  return latency(
    'replay, one connection, against one bare round trip',
    addedLatency(results, 'redis', replay),
    addedLatency(results, 'one-ping', ping),
  );
}

function latency(
  title: string,
  ones: readonly AddedLatency[],
  others: readonly AddedLatency[],
): Goal {
  const limit: Limit = { relation: 'at most', value: 1.15 };
  const ratio = addedLatencyRatio(ones, others);
  const found = judgeSpread(ratio, limit, times);
  const [one, other] = [ones, others].map((added) => spreadOfAny(added.map(({ us }) => us)));
  const explained =
    ratio === undefined
      ? found.text
      : `${found.text}; ${medianOf(one, microseconds)} against ${medianOf(other, microseconds)}`;
  return goalOf(title, `added latency (p50) at most ${times(limit.value)}`, [
    { ...found, text: explained },
  ]);
}
