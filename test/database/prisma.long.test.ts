import { outcomeTable } from '../../src/stores/database/index.js';
import { postgresServer } from './adapters/postgres.js';
import { prismaPostgres } from './adapters/prisma/prisma.js';
import { send } from './requests.js';

it('a transaction through fromPrisma lasts longer than the five seconds of Prisma', async () => {
  const server = await postgresServer();
  const opened = await prismaPostgres.open({ port: server.port, max: 2 });
  try {
    for (const sql of [outcomeTable('postgres'), ...server.tables]) await server.query(sql);
    const slow = send(({ transaction }) =>
      transaction(opened.database, async (tx) => {
        await opened.send(tx, 'SELECT 1 FROM pg_sleep(5.5)');
        return opened.pay(tx);
      }),
    );
    expect(await slow).toMatchObject({ amount: 5 });
    expect(await server.query('SELECT amount FROM payments')).toEqual([{ amount: 5 }]);
  } finally {
    await opened.close();
    await server.stop();
  }
});
