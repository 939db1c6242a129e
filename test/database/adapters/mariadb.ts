import { startMariaDb } from '../../support/mariadb-server.js';
import type { Server } from './library.js';

/** MariaDB, with what the battery needs. */
export async function mariaDbServer(): Promise<Server> {
  const server = await startMariaDb();
  return {
    dialect: 'mysql',
    port: server.port,
    query: (sql) => server.query(sql),
    stop: () => server.stop(),
    tables: [
      'CREATE TABLE payments (id int AUTO_INCREMENT PRIMARY KEY, amount int NOT NULL)',
      'CREATE TABLE counters (id int PRIMARY KEY, count int NOT NULL)',
      'INSERT INTO counters VALUES (1, 0), (2, 0)',
    ],
    waiters:
      'SELECT 1 FROM information_schema.GLOBAL_STATUS WHERE VARIABLE_VALUE > 0 AND ' +
      "VARIABLE_NAME = 'INNODB_ROW_LOCK_CURRENT_WAITS'",
    readOnly: { begin: 'SET GLOBAL read_only = 1', end: 'SET GLOBAL read_only = 0' },
    // Its REPEATABLE READ writes over what others have committed meanwhile.
    refusesLostUpdates: false,
  };
}

/** How a library connects to it. */
export function mariaDbAt(port: number) {
  return { host: '127.0.0.1', port, user: 'test', password: '', database: 'shop' };
}
