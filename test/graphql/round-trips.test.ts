import { Redis } from 'ioredis';
import { RedisStore } from '../../src/stores/redis/index.js';
import { SERVICE } from '../support/redis-keys.js';
import { startRedis, type RedisServer } from '../support/redis-server.js';
import { until } from '../support/until.js';
import { codes, sdl, startServer, type TestServer } from './apollo.js';

const typeDefs = /* GraphQL */ `
  type Query {
    ping: String
  }
  type Mutation {
    pay(amount: Int!): Int @idempotent
    slow: Int @idempotent(waitMs: 0, leaseMs: 600000)
    unmarked: Int
  }
`;

describe('on Redis (G21)', () => {
  let redis: RedisServer;
  let clients: Redis[];
  let servers: TestServer[];
  /** Ends the mutation that is running. */
  let finish: ((value: number) => void) | undefined;

  beforeAll(async () => {
    redis = await startRedis();
    const schema = sdl(typeDefs, {
      Query: { ping: () => 'pong' },
      Mutation: {
        pay: (_: unknown, { amount }: { amount: number }) => amount,
        slow: () => new Promise<number>((resolve) => (finish = resolve)),
        unmarked: () => 1,
      },
    });
    clients = [0, 1].map(() => new Redis(redis.port, '127.0.0.1'));
    servers = await Promise.all(
      clients.map((client) =>
        startServer(schema, { store: new RedisStore(client, { service: SERVICE }) }),
      ),
    );
    // Redis learns the scripts.
    await pay('warm-up');
  });
  afterAll(async () => {
    await Promise.all(servers.map((server) => server.stop()));
    for (const client of clients) client.disconnect();
    await redis.stop();
  });

  async function pay(key: string, amount = 5): Promise<unknown> {
    return servers[0]?.post(`mutation { pay(amount: ${String(amount)}) }`, {
      headers: { 'idempotency-key': key },
    });
  }

  /** The commands that the server received; what scripts call counts as theirs. */
  async function sent(act: () => Promise<unknown>): Promise<Record<string, number>> {
    const commands = await redis.commandsDuring(act);
    const received = [...commands].filter(([name]) => name.startsWith('eval'));
    const outside =
      (commands.get('time') ?? 0) - received.reduce((sum, [, calls]) => sum + calls, 0);
    return { ...Object.fromEntries(received), ...(outside === 0 ? {} : { outside }) };
  }

  it('a first execution costs two commands', async () => {
    expect(await sent(() => pay('k1'))).toEqual({ evalsha: 2 });
  });

  it('a replay or a mismatch costs one', async () => {
    await pay('k2');
    expect(await sent(() => pay('k2'))).toEqual({ evalsha: 1 });
    expect(await sent(() => pay('k2', 6))).toEqual({ evalsha: 1 });
  });

  it('100 first executions cost 200, 100 replays 100, one after the other', async () => {
    const all = async (): Promise<void> => {
      for (let index = 0; index < 100; index += 1) await pay(`many-${String(index)}`);
    };
    expect(await sent(all)).toEqual({ evalsha: 200 });
    expect(await sent(all)).toEqual({ evalsha: 100 });
  });

  it('100 that come together share theirs', async () => {
    const all = (): Promise<unknown> =>
      Promise.all(Array.from({ length: 100 }, (_, index) => pay(`together-${String(index)}`)));
    // 64 keys at most have room in one command; how many turns 100 requests take may vary.
    expect((await sent(all))['evalsha']).toBeLessThanOrEqual(100);
    expect((await sent(all))['evalsha']).toBeLessThanOrEqual(50);
  });

  it('a duplicate that does not wait costs one, or none beside the first request', async () => {
    const query = 'mutation { slow }';
    const request = { headers: { 'idempotency-key': 'slow' } };
    const first = servers[0]?.post(query, request);
    await until(() => finish !== undefined);
    const refused = async (server?: TestServer): Promise<unknown> =>
      server && codes(await server.post(query, request));
    expect(
      await sent(async () => {
        expect(await refused(servers[1])).toEqual(['IDEMPOTENCY_CONCURRENT_REQUEST']);
      }),
    ).toEqual({ evalsha: 1 });
    expect(
      await sent(async () => {
        expect(await refused(servers[0])).toEqual(['IDEMPOTENCY_CONCURRENT_REQUEST']);
      }),
    ).toEqual({});
    finish?.(1);
    expect((await first)?.body.data).toEqual({ slow: 1 });
  });

  it('queries, unmarked mutations and refused keys cost none', async () => {
    const headers = { 'idempotency-key': 'k3' };
    const commands = await redis.commandsDuring(async () => {
      await servers[0]?.post('{ ping __schema { types { name } } }', { headers });
      await servers[0]?.post('mutation { unmarked }', { headers });
      await servers[0]?.post('mutation { pay(amount: 1) }', { headers: { 'idempotency-key': '' } });
      await servers[0]?.post('mutation { pay(amount: 1) }');
    });
    expect(commands).toEqual(new Map());
  });
});
