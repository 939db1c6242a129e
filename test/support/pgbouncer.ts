import { chownSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { Client } from 'pg';

import { databaseProcess } from './database-process.js';
import { findProgram, PGBOUNCER } from './find-program.js';
import { freePort } from './free-port.js';
import { unprivileged } from './unprivileged.js';

/** A PgBouncer of a test's own. */
export interface PgBouncer {
  readonly port: number;
  /** Ends it and removes its files. */
  stop(): Promise<void>;
}

/** Starts one in transaction mode before a PostgreSQL server, with so many connections to it. */
export async function startPgBouncer(postgresPort: number, size: number): Promise<PgBouncer> {
  const program = findProgram(PGBOUNCER);
  const user = unprivileged('postgres');
  const folder = mkdtempSync(join(tmpdir(), 'pgbouncer-test-'));
  const port = await freePort();
  const file = join(folder, 'pgbouncer.ini');
  const settings = {
    listen_addr: '127.0.0.1',
    listen_port: port,
    unix_socket_dir: '',
    auth_type: 'any',
    pool_mode: 'transaction',
    default_pool_size: size,
  };
  const lines = Object.entries(settings).map(([name, value]) => `${name} = ${String(value)}`);
  const target = `postgres = host=127.0.0.1 port=${String(postgresPort)} user=test`;
  writeFileSync(file, ['[databases]', target, '[pgbouncer]', ...lines, ''].join('\n'));
  if (user.uid !== undefined && user.gid !== undefined) {
    for (const path of [folder, file]) chownSync(path, user.uid, user.gid);
  }
  const bouncer = databaseProcess({
    ...{ program, user, args: [file] },
    ping: async () => {
      const client = new Client({ host: '127.0.0.1', port, user: 'test', database: 'postgres' });
      client.on('error', () => undefined);
      await client.connect();
      await client.end();
    },
  });
  await bouncer.start();
  return {
    port,
    async stop() {
      await bouncer.end('SIGKILL');
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
