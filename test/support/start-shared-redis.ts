// Loaded by Jest's global setup, without its module mapper: no ".js".
import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { findProgram, REDIS_SERVER } from './find-program';
import { freePort } from './free-port';
import { reap } from './reaper';

/** The environment variable with the port of each worker's server. */
const PORTS = 'TEST_REDIS_PORTS';

const servers: ChildProcess[] = [];
const folders: string[] = [];

/** Starts a Redis for each worker of a run, for the test files that do not need one of their own. */
export async function startSharedRedis(workers: number): Promise<void> {
  const ports = await Promise.all(Array.from({ length: workers }, start));
  process.env[PORTS] = ports.join();
}

/** Ends the servers and removes their files. */
export function stopSharedRedis(): void {
  for (const server of servers) server.kill('SIGKILL');
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
}

async function start(): Promise<number> {
  const port = await freePort();
  const folder = mkdtempSync(join(tmpdir(), 'redis-test-'));
  folders.push(folder);
  // Persistence is on because a store warns at start-up if it is off.
  const files = ['--dir', folder, '--save', '', '--appendonly', 'yes', '--appendfsync', 'no'];
  const args = ['--port', String(port), '--bind', '127.0.0.1', ...files];
  const server = spawn(findProgram(REDIS_SERVER), args, { stdio: ['ignore', 'pipe', 'inherit'] });
  reap(server);
  servers.push(server);
  for await (const line of createInterface(server.stdout)) {
    if (line.includes('Ready to accept connections')) {
      server.stdout.resume();
      return port;
    }
  }
  throw new Error('The Redis that test files share did not start.');
}
