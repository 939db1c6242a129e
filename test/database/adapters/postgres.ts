import { startPostgres } from '../../support/postgres-server.js';
import type { Server } from './library.js';

/** PostgreSQL, with what the battery needs. */
export async function postgresServer(): Promise<Server> {
  const server = await startPostgres({ deadlock_timeout: '100ms' });
  return {
    dialect: 'postgres',
    port: server.port,
    query: (sql) => server.query(sql),
    stop: () => server.stop(),
    tables: [
      'CREATE TABLE payments (id serial PRIMARY KEY, amount int NOT NULL)',
      'CREATE TABLE counters (id int PRIMARY KEY, count int NOT NULL)',
      'INSERT INTO counters VALUES (1, 0), (2, 0)',
    ],
    waiters: 'SELECT 1 FROM pg_locks WHERE NOT granted',
    readOnly: {
      begin: 'ALTER ROLE test SET default_transaction_read_only = on',
      end: 'BEGIN READ WRITE; ALTER ROLE test RESET default_transaction_read_only; COMMIT',
    },
    refusesLostUpdates: true,
  };
}

/** How a library connects to it. */
export function postgresAt(port: number) {
  return { host: '127.0.0.1', port, user: 'test', password: '', database: 'postgres' };
}
