import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { connect, createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { Redis } from 'ioredis';

import { findRedisServer } from './find-redis.js';

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
  /** How often each command was called since the start, also from scripts. */
  commandStats(): Promise<Map<string, number>>;
  /** How often each command was called while `act` ran. */
  commandsDuring(act: () => Promise<unknown>): Promise<Map<string, number>>;
}

/** How to start a {@link RedisServer}. */
export interface RedisServerOptions {
  /** More arguments of redis-server. */
  readonly args?: readonly string[];
  /** @defaultValue a free one */
  readonly port?: number;
}

const START_TRIES = 5;
const START_MS_MAX = 10_000;

const children = new Set<ChildProcess>();
process.once('exit', () => {
  for (const child of children) child.kill('SIGKILL');
});

/** Starts a server and waits until it answers. */
export async function startRedis(options: RedisServerOptions = {}): Promise<RedisServer> {
  for (let tryNumber = 1; ; tryNumber += 1) {
    try {
      return await startOn(options.port ?? (await freePort()), options.args ?? []);
    } catch (error) {
      // Somebody else may have taken the port since it was found free.
      if (options.port !== undefined || tryNumber === START_TRIES) throw error;
    }
  }
}

async function startOn(port: number, args: readonly string[]): Promise<RedisServer> {
  const folder = mkdtempSync(join(tmpdir(), 'redis-test-'));
  const command = ['--port', String(port), '--bind', '127.0.0.1', '--dir', folder];
  command.push('--save', '', '--appendonly', 'no', ...args);
  let child: ChildProcess | undefined;

  async function start(): Promise<void> {
    child = launch(command);
    await answering(port, child);
  }

  async function end(signal: 'SIGTERM' | 'SIGKILL'): Promise<void> {
    const ending = child;
    child = undefined;
    if (ending === undefined || ending.exitCode !== null || ending.signalCode !== null) return;
    const exited = once(ending, 'exit');
    ending.kill(signal);
    await exited;
  }

  async function commandStats(): Promise<Map<string, number>> {
    const client = new Redis({ port, host: '127.0.0.1', lazyConnect: true });
    client.on('error', () => undefined);
    try {
      const info = await client.info('commandstats');
      const lines = info.matchAll(/^cmdstat_([^:]+):calls=(\d+)/gm);
      return new Map(Array.from(lines, ([, name, calls]) => [name ?? '', Number(calls)]));
    } finally {
      client.disconnect();
    }
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
      await end('SIGTERM');
      rmSync(folder, { recursive: true, force: true });
    },
    kill: () => end('SIGKILL'),
    async restart() {
      await end('SIGTERM');
      await start();
    },
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

function launch(args: readonly string[]): ChildProcess {
  const child = spawn(findRedisServer(), args, { stdio: 'ignore' });
  children.add(child);
  child.once('exit', () => children.delete(child));
  return child;
}

async function answering(port: number, child: ChildProcess): Promise<void> {
  const giveUpAt = Date.now() + START_MS_MAX;
  let failure: Error | undefined;
  child.once('error', (error) => (failure = error));
  while (Date.now() < giveUpAt) {
    if (failure !== undefined) throw failure;
    const answered = await answers(port);
    // Looked at after the answer: another server on this port would have answered as well.
    if (child.exitCode !== null) throw new Error('redis-server exited instead of starting.');
    if (answered) return;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  throw new Error('redis-server did not answer in time.');
}

function answers(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => socket.write('PING\r\n'));
    const done = (answered: boolean): void => {
      socket.destroy();
      resolve(answered);
    };
    socket.setTimeout(1_000, () => {
      done(false);
    });
    socket.on('data', (data) => {
      done(data.toString().startsWith('+PONG'));
    });
    socket.on('error', () => {
      done(false);
    });
  });
}

/** A port that nobody listens on right now. */
export async function freePort(): Promise<number> {
  const server = createServer();
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}
