import { spawnSync } from 'node:child_process';
import { accessSync, constants, existsSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';

/** A program that tests start, and where it may come from. */
export interface Program {
  /** The environment variable that may name its path. */
  readonly variable: string;
  /** Its names, the preferred one first. */
  readonly names: readonly string[];
  /** Debian's package. */
  readonly aptPackage: string;
  /**
   * The folders in which it may be, beside `PATH`: folders whose subfolders, the highest version first,
   * have `bin`.
   */
  readonly versions?: string;
  /** The advice if it is missing: "The tests need …: install …". */
  readonly need: string;
}

/** The server that keeps the records. */
export const REDIS_SERVER: Program = {
  variable: 'REDIS_SERVER_BIN',
  names: ['redis-server', 'valkey-server'],
  aptPackage: 'redis-server',
  need:
    'The tests need a Redis server 7 or later: install redis-server (Debian: apt-get install ' +
    'redis-server, macOS: brew install redis)',
};

/** The browser that opens the checkout page. */
export const CHROMIUM: Program = {
  variable: 'CHROMIUM_BIN',
  names: ['chromium', 'chromium-browser', 'google-chrome'],
  aptPackage: 'chromium',
  need:
    'The tests of the checkout page need Chromium: install chromium (Debian: apt-get install ' +
    'chromium) or Google Chrome',
};

/** The database that commits outcomes together with effects. */
export const POSTGRES: Program = {
  variable: 'POSTGRES_BIN',
  names: ['postgres'],
  aptPackage: 'postgresql',
  // Debian puts it nowhere else.
  versions: '/usr/lib/postgresql',
  need:
    'The tests need PostgreSQL 13 or later: install its server (Debian: apt-get install ' +
    'postgresql, macOS: brew install postgresql)',
};

/** The other database that commits outcomes together with effects. */
export const MARIADB: Program = {
  variable: 'MARIADB_BIN',
  names: ['mariadbd'],
  aptPackage: 'mariadb-server',
  need:
    'The tests need MariaDB 10.6 or later: install its server (Debian: apt-get install ' +
    'mariadb-server, macOS: brew install mariadb)',
};

/** The pooler of PostgreSQL connections. */
export const PGBOUNCER: Program = {
  variable: 'PGBOUNCER_BIN',
  names: ['pgbouncer'],
  aptPackage: 'pgbouncer',
  need:
    'The tests need PgBouncer: install it (Debian: apt-get install pgbouncer, macOS: brew install ' +
    'pgbouncer)',
};

const POLICY = '/usr/sbin/policy-rc.d';

/**
 * The path of a program: named by its variable, else from `PATH`, else installed by apt where that
 * is possible.
 *
 * @throws Error that says how to get it
 */
export function findProgram(program: Program): string {
  const { variable, aptPackage, need } = program;
  const named = process.env[variable];
  if (named !== undefined && named !== '') {
    if (isExecutable(named)) return named;
    throw new Error(`${variable} is ${named}, which is not an executable file.`);
  }
  const found = onPath(program) ?? (installWithApt(aptPackage) ? onPath(program) : undefined);
  if (found !== undefined) return found;
  throw new Error(`${need}, or set ${variable} to its path.`);
}

/**
 * Finds several and leaves their paths in their variables, for this process and its children.
 *
 * @throws Error that says of everything that is missing how to get it
 */
export function findPrograms(programs: readonly Program[]): void {
  const problems: string[] = [];
  for (const program of programs) {
    try {
      process.env[program.variable] = findProgram(program);
    } catch (error) {
      problems.push(error instanceof Error ? error.message : String(error));
    }
  }
  if (problems.length > 0) throw new Error(problems.join('\n'));
}

function onPath({ names, versions }: Program): string | undefined {
  // Servers lie where only root looks.
  const folders = [...(process.env['PATH'] ?? '').split(delimiter), '/usr/sbin'];
  if (versions !== undefined && existsSync(versions)) {
    const numbers = readdirSync(versions).sort((a, b) => Number(b) - Number(a));
    folders.push(...numbers.map((number) => join(versions, number, 'bin')));
  }
  return names.flatMap((name) => folders.map((folder) => join(folder, name))).find(isExecutable);
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

function installWithApt(aptPackage: string): boolean {
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  if (process.getuid?.() !== 0) return false;
  if (spawnSync('apt-get', ['--version'], { env }).status !== 0) return false;
  console.log(`Installing ${aptPackage} with apt-get, which the tests need.`);
  // The tests start their own servers; a package must not start one on the standard port.
  const guard = !existsSync(POLICY);
  if (guard) writeFileSync(POLICY, '#!/bin/sh\nexit 101\n', { mode: 0o755 });
  try {
    spawnSync('apt-get', ['update', '-qq'], { env, stdio: 'ignore' });
    const install = ['install', '-y', '--no-install-recommends', aptPackage];
    return spawnSync('apt-get', install, { env, stdio: 'ignore' }).status === 0;
  } finally {
    if (guard) rmSync(POLICY, { force: true });
  }
}
