import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';

import { WORKER_MAIN } from './paths.js';
import type { WorkerConfig, WorkerMessage } from './worker/config.js';

/** How a worker process ended. */
export interface WorkerExit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  /** What it wrote to standard error. */
  readonly stderr: string;
}

/** A worker in a process of its own. */
export interface WorkerProcess {
  readonly pid: number;
  /** Resolves with its port once it serves; rejects if it ends before. */
  readonly ready: Promise<number>;
  readonly exited: Promise<WorkerExit>;
  onMessage(listener: (message: WorkerMessage) => void): void;
  signal(name: 'SIGKILL' | 'SIGTERM' | 'SIGCONT' | 'SIGSTOP'): void;
  /** Its heap after a full collection, in bytes. */
  heapBytes(): Promise<number>;
}

const children = new Set<ChildProcess>();
process.once('exit', () => {
  for (const child of children) child.kill('SIGKILL');
});

/** Starts a worker, compiled before by `build.ts`. */
export function startWorkerProcess(config: WorkerConfig): WorkerProcess {
  const child = fork(WORKER_MAIN, [JSON.stringify(config)], {
    execArgv: ['--expose-gc'],
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
  });
  children.add(child);
  let stderr = '';
  child.stderr?.on('data', (chunk: Buffer) => {
    stderr = (stderr + chunk.toString()).slice(-4_000);
  });
  const exited = once(child, 'close').then(([code, signal]) => {
    children.delete(child);
    return { code: code as number | null, signal: signal as NodeJS.Signals | null, stderr };
  });
  const ready = Promise.race([
    messageOf(child, 'ready').then(({ port }) => port),
    exited.then(({ code, signal }) => {
      throw new Error(`A worker ended with ${String(code ?? signal)} at its start: ${stderr}`);
    }),
  ]);
  // Whoever does not ask for it has no use for the failure either.
  ready.catch(() => undefined);
  return {
    pid: child.pid ?? 0,
    ready,
    exited,
    onMessage(listener) {
      child.on('message', listener);
    },
    signal(name) {
      child.kill(name);
    },
    async heapBytes() {
      const told = messageOf(child, 'memory');
      child.send('memory');
      return (await told).heapBytes;
    },
  };
}

async function messageOf<Type extends WorkerMessage['type']>(
  child: ChildProcess,
  type: Type,
): Promise<Extract<WorkerMessage, { type: Type }>> {
  return new Promise((resolve) => {
    const listen = (message: WorkerMessage): void => {
      if (message.type !== type) return;
      child.off('message', listen);
      resolve(message as Extract<WorkerMessage, { type: Type }>);
    };
    child.on('message', listen);
  });
}
