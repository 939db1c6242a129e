import { Redis } from 'ioredis';
import { Redis as Redis5 } from 'ioredis-5';
import { Redis as Valkey } from 'iovalkey';
import { createClient } from 'redis';
import { createClient as createClient5 } from 'redis-5';
import { openApplication, QUICK, type Application } from '../support/application.js';
import { codeOf } from '../support/executions.js';
import { endClient, type ApplicationClient } from '../support/redis-clients.js';
import { redisRule } from '../support/redis-rule.js';
import { startRedis, type RedisServer } from '../support/redis-server.js';

const store = { service: 'payments' };

describe('a user with the rights that the documentation lists, and a client that needs more', () => {
  let server: RedisServer;
  const opened: ApplicationClient[] = [];
  beforeAll(async () => {
    server = await startRedis();
  });
  afterAll(() => server.stop());
  beforeEach(async () => {
    await server.call('FLUSHALL');
  });
  afterEach(() => {
    for (const client of opened.splice(0)) endClient(client);
  });

  const permit = (...more: string[]): Promise<void> =>
    redisRule.permit(server, redisRule.commands, redisRule.channels, more);

  describe.each([
    ['ioredis 6', () => new Redis(server.port, { ...QUICK, ...redisRule.user, db: 1 })],
    ['ioredis 5', () => new Redis5(server.port, { ...QUICK, ...redisRule.user, db: 1 })],
    ['iovalkey', () => new Valkey(server.port, { ...QUICK, ...redisRule.user, db: 1 })],
  ])('%s with a database other than 0', (_, connect) => {
    let application: Application;
    beforeEach(async () => {
      await permit();
      application = openApplication(connect(), { store });
    });
    afterEach(() => application.close());

    it('runs nothing in database 0 without +select, and says so at start', async () => {
      const { problems } = await application.store.check(10_000);
      expect(problems).toContainEqual(expect.stringMatching(/refuses claims.* 'select' command/));
      expect(await codeOf(application.execute())).toBe('IDEMPOTENCY_STORE_UNAVAILABLE');
      expect([application.runs, await server.call('DBSIZE')]).toEqual([0, 0]);
    });

    it.each([
      ['before the first request', false],
      ['after one was refused', true],
    ])('keeps records in its database once it has +select, granted %s', async (_when, asked) => {
      await application.store.ping();
      if (asked) await codeOf(application.execute());
      await permit('+select');
      expect(await application.answer()).toBe('done');
      expect([application.runs, await server.call('DBSIZE')]).toEqual([1, 0]);
      expect((await server.info('keyspace')).get('db1')).toMatch(/^keys=1,/);
    });
  });

  type Settings = Readonly<{ database?: number; name?: string; pingInterval?: number }>;
  const socket = (): { port: number; reconnectStrategy: false } => ({
    port: server.port,
    reconnectStrategy: false,
  });

  describe.each([
    [
      'node-redis 6',
      (settings: Settings) =>
        createClient({ ...redisRule.user, ...settings, RESP: 2, socket: socket() }),
    ],
    [
      'node-redis 5',
      (settings: Settings) => createClient5({ ...redisRule.user, ...settings, socket: socket() }),
    ],
  ])('%s', (_, create) => {
    function open(settings: Settings): ReturnType<typeof create> {
      const client = create(settings);
      client.on('error', () => undefined);
      opened.push(client);
      return client;
    }

    it.each([
      [{ database: 1 }, '+select'],
      [{ name: 'payments' }, '+client|setname'],
    ] satisfies [Settings, string][])('connects with %j only with %s', async (settings, right) => {
      await permit();
      await expect(open(settings).connect()).rejects.toThrow('NOPERM');
      await permit(right);
      const client = open(settings);
      await client.connect();
      expect(await openApplication(client, { store }).answer()).toBe('done');
    });

    it('tells an error, and stays connected, when it pings without +ping', async () => {
      await permit();
      const client = open({ pingInterval: 1 });
      const refused = new Promise<unknown>((resolve) => client.on('error', resolve));
      await client.connect();
      expect(String(await refused)).toContain("'ping' command");
      await permit('+ping');
      await new Promise<unknown>((resolve) => client.on('ping-interval', resolve));
      expect(await openApplication(client, { store }).answer()).toBe('done');
    });
  });
});
