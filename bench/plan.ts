import type { InProcessPlan } from './in-process/measure.js';
import type { Rounds } from './load/rounds.js';
import type { MatrixPlan } from './matrix.js';
import type { CodecPlan } from './parts/codec.js';
import type { WaitersPlan } from './parts/waiters.js';

type Load = Omit<MatrixPlan, 'connections'>;

/** How much of everything a run measures. */
export interface BenchPlan {
  readonly warmUp: Load;
  readonly matrix: Load;
  readonly bystanders: Rounds;
  /** Records of each contender and size. */
  readonly records: number;
  readonly sizes: Rounds;
  readonly waiters: WaitersPlan;
  readonly populations: Rounds;
  readonly codec: CodecPlan;
  readonly inProcess: InProcessPlan;
  /** Executions on the Cluster, and as many replays. */
  readonly cluster: number;
}

/** What is published: under ten minutes. */
export const FULL: BenchPlan = {
  warmUp: { modes: ['first', 'replay'], rounds: 1, sliceMs: 1_500 },
  matrix: { modes: ['first', 'replay', 'mix'], rounds: 5, sliceMs: 500 },
  bystanders: { rounds: 9, sliceMs: 500 },
  records: 4_096,
  sizes: { rounds: 5, sliceMs: 400 },
  waiters: { rounds: 5, waiters: 500, waitMs: 1_000 },
  populations: { rounds: 9, sliceMs: 400 },
  codec: { blocks: 9, blockMs: 60 },
  inProcess: { rounds: 15, requests: 1_000, warmUp: 4_000 },
  cluster: 3_000,
};

/** A little of everything: whether it works, in less than two minutes. Its figures say little. */
export const QUICK: BenchPlan = {
  warmUp: { modes: ['first'], rounds: 1, sliceMs: 300 },
  matrix: { modes: ['first', 'replay', 'mix'], rounds: 1, sliceMs: 200 },
  bystanders: { rounds: 1, sliceMs: 200 },
  records: 256,
  sizes: { rounds: 1, sliceMs: 100 },
  waiters: { rounds: 1, waiters: 500, waitMs: 1_000 },
  populations: { rounds: 1, sliceMs: 100 },
  codec: { blocks: 1, blockMs: 20 },
  inProcess: { rounds: 1, requests: 200, warmUp: 200 },
  cluster: 300,
};
