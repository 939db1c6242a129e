import { fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { reap } from '../test/support/reaper.js';
import type { ContenderName } from './contenders.js';
import type { Ready, Request, ServerConfig, Usage } from './server/config.js';

/** A server of the benchmark in a process of its own. */
export interface BenchServer {
  /** What protects its mutations: the name of a contender. */
  readonly name: ContenderName;
  readonly port: number;
  /** What it has done and used so far. */
  usage(): Promise<Usage>;
  /** Lets it go on with every `heldPayment` that it has so far. */
  release(): void;
  end(): Promise<void>;
}

/** Starts one and waits until it is ready. */
export async function startBenchServer(config: ServerConfig): Promise<BenchServer> {
  const child = fork(join(__dirname, 'server/main.js'), [JSON.stringify(config)], {
    env: { ...process.env, NODE_ENV: 'production' },
  });
  reap(child);
  const exited = once(child, 'exit');

  async function told<T>(): Promise<T> {
    const gone = exited.then(([code]): never => {
      throw new Error(`The server "${config.contender}" exited with ${String(code)}.`);
    });
    const [message] = (await Promise.race([once(child, 'message'), gone])) as [T];
    return message;
  }

  function ask(request: Request): void {
    child.send(request);
  }

  const { port } = await told<Ready>();
  return {
    name: config.contender,
    port,
    usage() {
      const answer = told<Usage>();
      ask('usage');
      return answer;
    },
    release() {
      ask('release');
    },
    async end() {
      child.kill('SIGKILL');
      await exited;
    },
  };
}
