import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';

import { reap } from './reaper.js';
import type { Unprivileged } from './unprivileged.js';
import { HANG_MS } from './hang-guard.js';

/** The command that starts the process of a database server. */
export interface DatabaseCommand {
  readonly program: string;
  readonly args: readonly string[];
  readonly user: Unprivileged;
  /** Rejects while the server does not answer yet. */
  readonly ping: () => Promise<unknown>;
}

/** The process of a database server of a test's own. */
export interface DatabaseProcess {
  start(): Promise<void>;
  /**
   * Ends it, and waits until its own children have ended too: those of a killed PostgreSQL finish their
   * statements, and while they hold its shared memory it cannot start again. `SIGKILL` is a crash: its
   * files stay as they are.
   */
  end(signal: 'SIGINT' | 'SIGTERM' | 'SIGKILL'): Promise<void>;
  pause(): void;
  resume(): void;
}

/** A process that is not started yet. */
export function databaseProcess({ program, args, user, ping }: DatabaseCommand): DatabaseProcess {
  let child: ChildProcess | undefined;
  let closed: Promise<unknown> = Promise.resolve();
  let output = '';

  async function answering(started: ChildProcess): Promise<void> {
    const giveUpAt = Date.now() + HANG_MS;
    for (;;) {
      try {
        await ping();
        return;
      } catch (error) {
        if (started.exitCode !== null || started.signalCode !== null || Date.now() > giveUpAt) {
          throw new Error(`${program} did not start: ${output}`, { cause: error });
        }
        await sleep(20);
      }
    }
  }

  return {
    async start() {
      output = '';
      const started = spawn(program, args, { ...user, stdio: ['ignore', 'pipe', 'pipe'] });
      reap(started);
      const note = (text: Buffer): void => {
        output = (output + text.toString()).slice(-4_000);
      };
      started.stdout.on('data', note);
      started.stderr.on('data', note);
      child = started;
      // Its children write to the same pipes, so these close with the last of them.
      closed = once(started, 'close');
      await answering(started);
    },
    async end(signal) {
      const ending = child;
      child = undefined;
      if (ending !== undefined && ending.exitCode === null && ending.signalCode === null) {
        ending.kill(signal);
        ending.kill('SIGCONT');
      }
      await closed;
    },
    pause: () => void child?.kill('SIGSTOP'),
    resume: () => void child?.kill('SIGCONT'),
  };
}
