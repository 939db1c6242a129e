import { fork } from 'node:child_process';
import { once } from 'node:events';
import { reap } from '../test/support/reaper.js';

/** A process of the benchmark's own that answers what it is asked. */
export interface Child {
  send(message: object | string): void;
  /** The next thing it says. */
  told<T>(): Promise<T>;
  /** Sends a question and gives the answer. */
  ask<T>(question: object | string): Promise<T>;
  end(): Promise<void>;
}

/**
 * Starts one.
 *
 * @param title - what it is called when it ends too early
 * @param config - its first argument, as JSON
 */
export function startChild(
  file: string,
  title: string,
  config: object,
  env: NodeJS.ProcessEnv = process.env,
): Child {
  const child = fork(file, [JSON.stringify(config)], { env });
  reap(child);
  const exited = once(child, 'exit');

  async function told<T>(): Promise<T> {
    const gone = exited.then(([code]): never => {
      throw new Error(`${title} exited with ${String(code)}.`);
    });
    const [message] = (await Promise.race([once(child, 'message'), gone])) as [T];
    return message;
  }

  return {
    send(message) {
      child.send(message);
    },
    told,
    ask<T>(question: object | string) {
      const answer = told<T>();
      child.send(question);
      return answer;
    },
    async end() {
      child.kill('SIGKILL');
      await exited;
    },
  };
}
