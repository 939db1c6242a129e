import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { Redis } from 'ioredis';

import { findProgram, REDIS_SERVER } from './find-program.js';
import { freePort } from './free-port.js';
import { reap } from './reaper.js';
import { HANG_MS } from './hang-guard.js';

/** A Redis server of a test's own. */
export interface RedisServer {
  readonly port: number;
  readonly url: string;
  /** Ends the server and removes its files. */
  stop(): Promise<void>;
  /** Ends the server at once, as a crash would. Its files stay for {@link restart}. */
  kill(): Promise<void>;
  /** Starts it again on the same port, ending it first if need be. */
  restart(): Promise<void>;
  /** Halts the process: connections stay open, and nothing is answered until {@link resume}. */
  pause(): void;
  resume(): void;
  /** Sends one command on a connection of its own. */
  call(command: string, ...args: (string | number)[]): Promise<unknown>;
  /** Changes settings of the running server. */
  configure(settings: Readonly<Record<string, string | number>>): Promise<void>;
  /** A section of the server's `INFO`, by name. */
  info(section: string): Promise<Map<string, string>>;
  /** The number of calls of each command since the start, including those from scripts. */
  commandStats(): Promise<Map<string, number>>;
  /** The number of calls of each command while `act` ran. */
  commandsDuring(act: () => Promise<unknown>): Promise<Map<string, number>>;
}

/** Options of {@link startRedis}. */
export interface RedisServerOptions {
  /** More arguments of redis-server. */
  readonly args?: readonly string[];
  /** More environment variables of the process. */
  readonly env?: Readonly<Record<string, string>>;
  /** The content of its configuration file: a sentinel must have one, others need none. */
  readonly config?: string;
}

const START_TRIES = 5;

/** Starts a server and waits until it answers. */
export async function startRedis(options: RedisServerOptions = {}): Promise<RedisServer> {
  for (let tryNumber = 1; ; tryNumber += 1) {
    try {
      return await startOn(await freePort(), options);
    } catch (error) {
      // Somebody else may have taken the port since it was found free.
      if (tryNumber === START_TRIES) throw error;
    }
  }
}

async function startOn(port: number, options: RedisServerOptions): Promise<RedisServer> {
  const folder = mkdtempSync(join(tmpdir(), 'redis-test-'));
  const command = ['--port', String(port), '--bind', '127.0.0.1', '--dir', folder];
  command.push('--save', '', '--appendonly', 'no', ...(options.args ?? []));
  if (options.config !== undefined) {
    const file = join(folder, 'redis.conf');
    writeFileSync(file, options.config);
    command.unshift(file);
  }
  let child: ChildProcess | undefined;

  async function start(): Promise<void> {
    child = launch(command, options.env);
    await answering(port, child);
  }

  async function end(signal: 'SIGTERM' | 'SIGKILL'): Promise<void> {
    const ending = child;
    child = undefined;
    if (ending === undefined || ending.exitCode !== null || ending.signalCode !== null) return;
    const exited = once(ending, 'exit');
    ending.kill(signal);
    // A paused process would not notice before it goes on.
    ending.kill('SIGCONT');
    await exited;
  }

  async function call(command: string, ...args: (string | number)[]): Promise<unknown> {
    const client = new Redis(port, '127.0.0.1', {
      lazyConnect: true,
      retryStrategy: null,
      // A server that is loading or busy shall say so.
      enableReadyCheck: false,
    });
    client.on('error', () => undefined);
    try {
      return await client.call(command, args);
    } finally {
      client.disconnect();
    }
  }

  async function info(section: string): Promise<Map<string, string>> {
    const lines = String(await call('INFO', section)).matchAll(/^([^#:\s]+):(.*?)\r?$/gm);
    return new Map(Array.from(lines, ([, name, value]) => [name ?? '', value ?? '']));
  }

  async function commandStats(): Promise<Map<string, number>> {
    const stats = new Map<string, number>();
    for (const [name, value] of await info('commandstats')) {
      stats.set(name.replace('cmdstat_', ''), Number(/calls=(\d+)/.exec(value)?.[1]));
    }
    return stats;
  }

  try {
    await start();
  } catch (error) {
    await end('SIGKILL');
    rmSync(folder, { recursive: true, force: true });
    throw error;
  }
  return {
    port,
    url: `redis://127.0.0.1:${String(port)}`,
    async stop() {
      // Nothing is worth saving, and told politely a primary waits for its replicas.
      await end('SIGKILL');
      rmSync(folder, { recursive: true, force: true });
    },
    kill: () => end('SIGKILL'),
    async restart() {
      await end('SIGTERM');
      await start();
    },
    pause: () => void child?.kill('SIGSTOP'),
    resume: () => void child?.kill('SIGCONT'),
    call,
    async configure(settings) {
      for (const [name, value] of Object.entries(settings))
        await call('CONFIG', 'SET', name, value);
    },
    info,
    commandStats,
    async commandsDuring(act) {
      const before = await commandStats();
      await act();
      const after = await commandStats();
      const during = new Map<string, number>();
      for (const [name, calls] of after) {
        const difference = calls - (before.get(name) ?? 0);
        // What the counting itself sends, and what a client sends when it connects.
        const ours = ['info', 'hello', 'client|setinfo', 'client|setname'].includes(name);
        if (difference > 0 && !ours) during.set(name, difference);
      }
      return during;
    },
  };
}

function launch(args: readonly string[], env: RedisServerOptions['env']): ChildProcess {
  const child = spawn(findProgram(REDIS_SERVER), args, {
    stdio: 'ignore',
    env: { ...process.env, ...env },
  });
  reap(child);
  return child;
}

async function answering(port: number, child: ChildProcess): Promise<void> {
  const giveUpAt = Date.now() + HANG_MS;
  let failure: Error | undefined;
  child.once('error', (error) => (failure = error));
  while (Date.now() < giveUpAt) {
    if (failure !== undefined) throw failure;
    if (child.exitCode !== null) throw new Error('redis-server exited instead of starting.');
    if (await answers(port, child.pid)) return;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  throw new Error('redis-server did not answer in time.');
}

/** Whether it is this process that answers on the port, and has loaded its files. */
function answers(port: number, pid: number | undefined): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () =>
      socket.write('PING\r\nINFO server\r\nQUIT\r\n'),
    );
    let text = '';
    const done = (): void => {
      socket.destroy();
      resolve(text.startsWith('+PONG') && text.includes(`process_id:${String(pid)}\r\n`));
    };
    socket.setTimeout(1_000, done);
    socket.on('data', (data) => (text += data.toString()));
    socket.on('close', done);
    socket.on('error', done);
  });
}
