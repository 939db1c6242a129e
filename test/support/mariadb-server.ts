import { spawnSync } from 'node:child_process';
import { chownSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { createConnection, type RowDataPacket } from 'mysql2/promise';

import { databaseProcess } from './database-process.js';
import { findProgram, MARIADB } from './find-program.js';
import { freePort } from './free-port.js';
import { unprivileged } from './unprivileged.js';

/** A MariaDB server of a test's own. */
export interface MariaDbServer {
  readonly port: number;
  /** Of its one database; the user owns that database, and is not an administrator. */
  readonly url: string;
  /** Sends statements as the administrator, on a connection of its own; the rows of the last one. */
  query(sql: string): Promise<Record<string, unknown>[]>;
  /** Ends the server at once, as a crash would. {@link restart} brings it back with its files. */
  kill(): Promise<void>;
  restart(): Promise<void>;
  /** Ends the server and removes its files. */
  stop(): Promise<void>;
}

/** Makes a folder of data; it comes with the server. */
const INSTALL = 'mariadb-install-db';

/** Starts a server and waits until it answers. */
export async function startMariaDb(
  settings: Readonly<Record<string, string | number>> = {},
): Promise<MariaDbServer> {
  const program = findProgram(MARIADB);
  const user = unprivileged('mysql');
  const folder = mkdtempSync(join(tmpdir(), 'mariadb-test-'));
  if (user.uid !== undefined && user.gid !== undefined) chownSync(folder, user.uid, user.gid);
  const data = join(folder, 'data');
  const small = ['--innodb-buffer-pool-size=32M', '--innodb-log-file-size=8M'];
  const init = ['--no-defaults', `--datadir=${data}`, '--auth-root-authentication-method=normal'];
  const made = spawnSync(INSTALL, [...init, '--skip-test-db', ...small], {
    ...{ ...user, cwd: folder, encoding: 'utf8' },
  });
  if (made.status !== 0) throw new Error(`mariadb-install-db failed: ${made.stderr}`);
  const port = await freePort();
  const all = {
    port,
    'bind-address': '127.0.0.1',
    socket: join(folder, 'socket'),
    'pid-file': join(folder, 'pid'),
    tmpdir: folder,
    // What is written survives the process all the same, and nobody cuts the power.
    'innodb-flush-log-at-trx-commit': 2,
    'innodb-flush-method': 'nosync',
    'max-connections': 100,
    ...settings,
  };
  const server = databaseProcess({
    program,
    user,
    args: [
      '--no-defaults',
      `--datadir=${data}`,
      '--skip-name-resolve',
      ...small,
      ...Object.entries(all).map(([name, value]) => `--${name}=${String(value)}`),
    ],
    ping: () => query('SELECT 1'),
  });

  async function query(sql: string): Promise<Record<string, unknown>[]> {
    const target = { host: '127.0.0.1', port, user: 'root', multipleStatements: true };
    const connection = await createConnection(target);
    try {
      await connection.query('CREATE DATABASE IF NOT EXISTS shop; USE shop');
      const [found] = await connection.query<RowDataPacket[]>(sql);
      return Array.isArray(found) ? found : [];
    } finally {
      await connection.end();
    }
  }

  await server.start();
  await query("CREATE USER test@'127.0.0.1'; GRANT ALL ON shop.* TO test@'127.0.0.1'");
  return {
    port,
    url: `mysql://test@127.0.0.1:${String(port)}/shop`,
    query,
    kill: () => server.end('SIGKILL'),
    async restart() {
      await server.end('SIGTERM');
      await server.start();
    },
    async stop() {
      await server.end('SIGKILL');
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
