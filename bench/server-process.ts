import { join } from 'node:path';
import { startChild } from './child.js';
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
  const file = join(__dirname, 'server/main.js');
  const env = { ...process.env, NODE_ENV: 'production' };
  const child = startChild(file, `The server "${config.contender}"`, config, env);
  const { port } = await child.told<Ready>();
  return {
    name: config.contender,
    port,
    usage: () => child.ask('usage' satisfies Request),
    release() {
      child.send('release' satisfies Request);
    },
    end: () => child.end(),
  };
}
