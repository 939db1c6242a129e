import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { SERVER_MAIN } from './build-server.js';
import { reap } from './reaper.js';
import { HANG_MS } from './hang-guard.js';

/** A server in a process of its own. */
export interface ServerProcess {
  readonly url: string;
  /** The lines that it has printed so far. */
  readonly lines: readonly string[];
  /** Sends a signal; resolves with the exit code once it has ended, null if the signal ended it. */
  end(signal: 'SIGTERM' | 'SIGKILL'): Promise<number | null>;
}

/**
 * Starts one on a free port with these environment variables, and waits until it is ready.
 *
 * @param main - another program that prints where it is ready
 */
export async function startServerProcess(
  env: Readonly<Record<string, string>>,
  main = SERVER_MAIN,
): Promise<ServerProcess> {
  const child = spawn(process.execPath, [main], {
    env: {
      ...process.env,
      PORT: '0',
      DATABASE_FILE: ':memory:',
      REDIS_URL: '',
      LOG_FORMAT: 'text',
      ...env,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  reap(child);
  const exited = once(child, 'exit').then(([code]) => code as number | null);
  const lines: string[] = [];
  const url = await new Promise<string>((resolve, reject) => {
    const timer = setTimeout(() => {
      reject(new Error(`The server did not start in time: ${lines.join('\n')}`));
    }, HANG_MS);
    const read = (line: string): void => {
      lines.push(line);
      const ready = /ready at (http\S+)/.exec(line)?.[1];
      if (ready === undefined) return;
      clearTimeout(timer);
      resolve(ready);
    };
    createInterface(child.stdout).on('line', read);
    createInterface(child.stderr).on('line', read);
    void exited.then((code) => {
      clearTimeout(timer);
      reject(new Error(`The server exited with ${String(code)}: ${lines.join('\n')}`));
    });
  });
  return {
    url,
    lines,
    end(signal) {
      child.kill(signal);
      return exited;
    },
  };
}
