import { spawnSync } from 'node:child_process';
import { accessSync, constants, existsSync, rmSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';

const NAMES = ['redis-server', 'valkey-server'];
const POLICY = '/usr/sbin/policy-rc.d';

/**
 * The path of a Redis or Valkey server: `REDIS_SERVER_BIN`, else from `PATH`, else installed by apt
 * where that is possible.
 *
 * @throws Error that says how to get one
 */
export function findRedisServer(): string {
  const named = process.env['REDIS_SERVER_BIN'];
  if (named !== undefined && named !== '') {
    if (isExecutable(named)) return named;
    throw new Error(`REDIS_SERVER_BIN is ${named}, which is not an executable file.`);
  }
  const found = onPath() ?? (installWithApt() ? onPath() : undefined);
  if (found !== undefined) return found;
  throw new Error(
    'The tests need a Redis server 7 or later: install redis-server (Debian: apt-get install ' +
      'redis-server, macOS: brew install redis) or set REDIS_SERVER_BIN to its path.',
  );
}

function onPath(): string | undefined {
  const folders = (process.env['PATH'] ?? '').split(delimiter);
  return NAMES.flatMap((name) => folders.map((folder) => join(folder, name))).find(isExecutable);
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

function installWithApt(): boolean {
  if (process.getuid?.() !== 0 || spawnSync('apt-get', ['--version']).status !== 0) return false;
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  // The tests start their own servers; the package must not start one on the standard port.
  const guard = !existsSync(POLICY);
  if (guard) writeFileSync(POLICY, '#!/bin/sh\nexit 101\n', { mode: 0o755 });
  try {
    spawnSync('apt-get', ['update', '-qq'], { env, stdio: 'ignore' });
    const install = ['install', '-y', '--no-install-recommends', 'redis-server'];
    return spawnSync('apt-get', install, { env, stdio: 'ignore' }).status === 0;
  } finally {
    if (guard) rmSync(POLICY, { force: true });
  }
}
