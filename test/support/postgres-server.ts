import { spawnSync } from 'node:child_process';
import { chownSync, mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

import { Client } from 'pg';

import { databaseProcess } from './database-process.js';
import { findProgram, POSTGRES } from './find-program.js';
import { freePort } from './free-port.js';
import { unprivileged } from './unprivileged.js';

/** A PostgreSQL server of a test's own. */
export interface PostgresServer {
  readonly port: number;
  /** Of its one database; the user is a superuser without a password. */
  readonly url: string;
  /** Sends statements on a connection of its own; the rows of the last one. */
  query(sql: string): Promise<Record<string, unknown>[]>;
  /** Ends the server at once, as a crash would. {@link restart} brings it back with its files. */
  kill(): Promise<void>;
  restart(): Promise<void>;
  /** Ends the server and removes its files. */
  stop(): Promise<void>;
}

/** Starts a server and waits until it answers. */
export async function startPostgres(
  settings: Readonly<Record<string, string | number>> = {},
): Promise<PostgresServer> {
  const program = realpathSync(findProgram(POSTGRES));
  const user = unprivileged('postgres');
  const folder = mkdtempSync(join(tmpdir(), 'postgres-test-'));
  if (user.uid !== undefined && user.gid !== undefined) chownSync(folder, user.uid, user.gid);
  const data = join(folder, 'data');
  const init = ['-D', data, '-U', 'test', '-A', 'trust', '-E', 'UTF8', '--no-sync', '--locale=C'];
  const made = spawnSync(join(dirname(program), 'initdb'), init, { ...user, encoding: 'utf8' });
  if (made.status !== 0) throw new Error(`initdb failed: ${made.stderr}`);
  const port = await freePort();
  const url = `postgres://test@127.0.0.1:${String(port)}/postgres`;
  const all = {
    port,
    listen_addresses: '127.0.0.1',
    unix_socket_directories: folder,
    // What is written survives the process all the same, and nobody cuts the power.
    fsync: 'off',
    max_connections: 50,
    shared_buffers: '32MB',
    ...settings,
  };
  const server = databaseProcess({
    program,
    user,
    args: [
      '-D',
      data,
      ...Object.entries(all).flatMap(([name, value]) => ['-c', `${name}=${String(value)}`]),
    ],
    ping: () => query('SELECT 1'),
  });

  async function query(sql: string): Promise<Record<string, unknown>[]> {
    const client = new Client({ connectionString: url });
    client.on('error', () => undefined);
    await client.connect();
    try {
      const results = [await client.query<Record<string, unknown>>(sql)].flat();
      return results.at(-1)?.rows ?? [];
    } finally {
      await client.end();
    }
  }

  await server.start();
  return {
    port,
    url,
    query,
    kill: () => server.end('SIGKILL'),
    async restart() {
      await server.end('SIGINT');
      await server.start();
    },
    async stop() {
      await server.end('SIGKILL');
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
