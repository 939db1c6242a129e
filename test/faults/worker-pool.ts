import type { Random } from './random.js';
import type { WorkerConfig, WorkerMessage } from './worker/config.js';
import { startWorkerProcess, type WorkerProcess } from './worker-process.js';

/** Counts of what happened to the workers of a pool. */
export interface PoolCounts {
  kills: number;
  pauses: number;
  blocks: number;
  drains: number;
  /** Calls that were told to fail. */
  failures: number;
  /** Claims that the store had forgotten while their owners ran. */
  claimsLost: number;
  /** Executions that another worker took over while they ran. */
  superseded: number;
}

/** The counts of a pool to which nothing has happened. */
export const NO_COUNTS: Readonly<PoolCounts> = Object.freeze({
  kills: 0,
  pauses: 0,
  blocks: 0,
  drains: 0,
  failures: 0,
  claimsLost: 0,
  superseded: 0,
});

/** A running worker that takes requests. */
export interface PoolWorker {
  readonly port: number;
  readonly process: WorkerProcess;
}

/** Workers that are replaced when they die. */
export interface WorkerPool {
  readonly counts: Readonly<PoolCounts>;
  /** Failures that no fault excuses: crashes, unhandled rejections, processes that stay after a stop. */
  readonly problems: readonly string[];
  /** A worker that has not ended, paused ones included. */
  pick(fits?: (worker: PoolWorker) => boolean): Promise<PoolWorker>;
  /** Workers that serve right now. */
  workers(): readonly PoolWorker[];
  /** Continues a paused worker before its time. */
  resume(worker: PoolWorker): void;
  /** Asks a worker to stop as an operator would; another takes its place. */
  drain(worker: PoolWorker): Promise<void>;
  /** Resolves when every place is taken by a worker that serves and none is paused. */
  whole(): Promise<void>;
  /** Ends all workers cleanly. */
  stop(): Promise<void>;
}

/** Workers that keep failing are not started again: something is wrong with all of them. */
const PROBLEMS_MAX = 20;

/** Starts `size` workers. Place `n` is always filled with what `configOf(n)` says. */
export async function startPool(
  size: number,
  configOf: (place: number) => WorkerConfig,
  random: Random,
): Promise<WorkerPool> {
  const counts = { ...NO_COUNTS };
  const problems: string[] = [];
  const serving = new Map<number, PoolWorker>();
  const paused = new Map<WorkerProcess, NodeJS.Timeout>();
  const draining = new Set<WorkerProcess>();
  const waiting = new Set<() => void>();
  let stopping = false;

  function wake(): void {
    for (const resolve of waiting) resolve();
    waiting.clear();
  }

  function change(): Promise<void> {
    if (problems.length >= PROBLEMS_MAX) throw new Error(problems.join('\n'));
    return new Promise((resolve) => waiting.add(resolve));
  }

  function onMessage(worker: WorkerProcess, leaseMs: number, message: WorkerMessage): void {
    if (message.type === 'unhandled') problems.push(`unhandled rejection: ${message.reason}`);
    if (message.type === 'event' && message.name === 'claimLost') counts.claimsLost += 1;
    if (message.type === 'event' && message.name === 'stale') counts.superseded += 1;
    if (message.type !== 'fault') return;
    if (message.action === 'block') counts.blocks += 1;
    if (message.action === 'fail') counts.failures += 1;
    if (message.action !== 'stop' && message.action !== 'collapse') return;
    counts.pauses += 1;
    paused.set(
      worker,
      setTimeout(() => {
        resume(worker);
      }, 2 * leaseMs),
    );
  }

  function resume(worker: WorkerProcess): void {
    clearTimeout(paused.get(worker));
    // One that is not paused may be on its way into its pause, which must last.
    if (!paused.delete(worker)) return;
    worker.signal('SIGCONT');
    wake();
  }

  async function fill(place: number): Promise<void> {
    const config = configOf(place);
    const worker = startWorkerProcess(config);
    worker.onMessage((message) => {
      onMessage(worker, config.leaseMs, message);
    });
    void worker.exited.then(({ code, signal, stderr }) => {
      serving.delete(place);
      const drained = draining.delete(worker);
      if (signal === 'SIGKILL') counts.kills += 1;
      else if (!drained || code !== 0) {
        problems.push(`a worker ended with ${String(code ?? signal)}: ${stderr}`);
      }
      if (!stopping && problems.length < PROBLEMS_MAX) void fill(place);
      wake();
    });
    try {
      serving.set(place, { port: await worker.ready, process: worker });
    } catch {
      // Its exit has been dealt with already.
    }
    wake();
  }

  async function drain(worker: PoolWorker): Promise<void> {
    draining.add(worker.process);
    for (const [place, known] of serving) if (known === worker) serving.delete(place);
    worker.process.signal('SIGCONT');
    worker.process.signal('SIGTERM');
    await worker.process.exited;
  }

  async function whole(): Promise<void> {
    while (serving.size < size || paused.size > 0) await change();
  }

  await Promise.all(Array.from({ length: size }, (_, place) => fill(place)));
  return {
    counts,
    problems,
    async pick(fits = () => true) {
      for (;;) {
        const fitting = [...serving.values()].filter(fits);
        if (fitting.length > 0) return random.pick(fitting);
        await change();
      }
    },
    workers: () => [...serving.values()],
    resume(worker) {
      resume(worker.process);
    },
    async drain(worker) {
      counts.drains += 1;
      await drain(worker);
    },
    whole,
    async stop() {
      await whole();
      stopping = true;
      await Promise.all([...serving.values()].map(drain));
    },
  };
}
