import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';

import { workerProgram } from './worker-bundle.js';
import type { WorkerConfig, WorkerMessage, WorkerUsage } from './worker/config.js';

/** The end of a worker process. */
export interface WorkerExit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  /** The end of its standard error. */
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
  /** Its memory and timers. It must have been configured to measure them. */
  usage(): Promise<WorkerUsage>;
}

const children = new Set<ChildProcess>();
process.once('exit', () => {
  for (const child of children) child.kill('SIGKILL');
});

/** Starts a worker. */
export function startWorkerProcess(config: WorkerConfig): WorkerProcess {
  const child = fork(workerProgram(), [JSON.stringify(config)], {
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
  // A rejection that nobody waits for is no problem: `exited` reports it too.
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
    usage() {
      const told = messageOf(child, 'usage');
      child.send('usage');
      return told;
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
