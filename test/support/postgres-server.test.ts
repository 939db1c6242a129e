import { Client } from 'pg';
import { startPostgres } from './postgres-server.js';

test('a killed server starts again, even if one of its backends was in a long statement', async () => {
  const server = await startPostgres();
  const client = new Client({ connectionString: server.url });
  client.on('error', () => undefined);
  try {
    await client.connect();
    // Looks for no interrupt and outlives the server's main process by seconds.
    const running = client.query('SELECT count(*) FROM generate_series(1, 10000000)');
    running.catch(() => undefined);
    for (;;) {
      const [row] = await server.query(
        "SELECT count(*)::int AS running FROM pg_stat_activity WHERE query LIKE '%generate_series(1%'",
      );
      if (Number(row?.['running']) > 1) break;
    }
    await server.kill();
    await server.restart();
    expect(await server.query('SELECT 1 AS one')).toEqual([{ one: 1 }]);
  } finally {
    await server.stop();
  }
});
