import { checkDatabase, outcomeTable } from '../../src/stores/database/index.js';
import { describeAdapters } from './adapters/battery.js';
import { postgresServer } from './adapters/postgres.js';
import { prismaPostgres } from './adapters/prisma/prisma.js';
import { send } from './requests.js';

describeAdapters(postgresServer, [prismaPostgres]);

describe('a transaction through fromPrisma', () => {
  it('lasts timeoutMs and no longer, and leaves nothing', async () => {
    const server = await postgresServer();
    const opened = await prismaPostgres.open({ port: server.port, max: 2 });
    try {
      await server.query(outcomeTable('postgres'));
      await checkDatabase(opened.database);
      const late = send(({ transaction }) =>
        transaction(
          opened.database,
          async (tx) => {
            await opened.send(tx, 'CREATE TABLE left_behind (id int)');
            await opened.send(tx, 'SELECT 1 FROM pg_sleep(1)');
            return 'late';
          },
          { timeoutMs: 200 },
        ),
      );
      await expect(late).rejects.toMatchObject({ code: 'P2028' });
      const left =
        "SELECT to_regclass('left_behind') AS table, count(*)::int FROM graphql_idempotency";
      expect(await server.query(left)).toEqual([{ table: null, count: 0 }]);
    } finally {
      await opened.close();
      await server.stop();
    }
  });
});
