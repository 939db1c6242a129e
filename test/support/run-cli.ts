import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { SERVICE } from './redis-keys.js';

const MAIN = join(__dirname, '../../dist/cjs/cli/main.js');

/** The result of the command line tool. */
export interface CliRun {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs the built tool as a program does: nobody can be asked. */
export async function runCliProcess(
  args: readonly string[],
  { redisUrl, stdin = '' }: { readonly redisUrl: string; readonly stdin?: string },
): Promise<CliRun> {
  const child = spawn(process.execPath, [MAIN, ...args], {
    env: { ...process.env, REDIS_URL: redisUrl, IDEMPOTENCY_SERVICE: SERVICE },
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  child.stdin.end(stdin);
  const [stdout, stderr, [code]] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    once(child, 'exit') as Promise<[number | null]>,
  ]);
  return { code, stdout, stderr };
}
