import { ApolloServer } from '@apollo/server';
import { GraphQLError } from 'graphql';
import type { Redis } from 'ioredis';
import Libsql from 'libsql';
import { once, resolversInTransition } from '../../docs/examples/migration/lock.js';
import { consume, type Verdict } from '../../docs/examples/recipes/queue.js';
import { lenientPlugin, uploadPlugin } from '../../docs/examples/recipes/roll-out.js';
import * as transaction from '../../docs/examples/recipes/transaction.js';
import {
  idempotencyPlugin,
  idempotentTypeDefs,
  MemoryStore,
  type IdempotencyStore,
} from '../../src/index.js';
import { RedisStore } from '../../src/stores/redis/index.js';
import { faulty } from '../support/faulty-store.js';
import { SERVICE } from '../support/redis-keys.js';
import { until } from '../support/until.js';
import { useRedis } from '../support/use-redis.js';

const servers: { stop(): Promise<void> }[] = [];
afterEach(async () => {
  for (const server of servers.splice(0)) await server.stop();
});

async function started<T extends object>(server: ApolloServer<T>): Promise<ApolloServer<T>> {
  servers.push(server);
  await server.start();
  return server;
}

async function post<T extends object>(
  server: ApolloServer<T>,
  query: string,
  contextValue: T,
): Promise<{ readonly data: unknown; readonly code: unknown }> {
  const response = await server.executeOperation({ query }, { contextValue });
  if (response.body.kind !== 'single') throw new Error('The answer came in parts.');
  const { data, errors } = response.body.singleResult;
  return {
    data: JSON.parse(JSON.stringify(data ?? null)),
    code: errors?.[0]?.extensions?.['code'],
  };
}

describe('one database transaction', () => {
  const PAY = 'mutation { pay(amount: 5) @idempotent(key: "k1") { id amount } }';

  function database(): Libsql.Database {
    const db = new Libsql(':memory:');
    db.exec(transaction.tables);
    return db;
  }
  const serve = (store: IdempotencyStore): Promise<ApolloServer<transaction.Context>> =>
    started(
      new ApolloServer<transaction.Context>({
        typeDefs: [idempotentTypeDefs, transaction.typeDefs],
        resolvers: transaction.resolvers,
        plugins: [transaction.plugin(store)],
      }),
    );

  it.each([
    ['after its commit', 'complete'],
    ['before it', 'nothing'],
  ])('is made once when the server dies %s', async (_, died) => {
    const db = database();
    const store = new MemoryStore();
    // What it still had to say to the store never arrives, as if it were dead.
    const dead = faulty(store, (method) =>
      ['complete', 'renew', 'release'].includes(method) ? 'hang' : undefined,
    );
    const broken = { transaction: () => ({ immediate: () => new Promise(() => undefined) }) };
    const first = await serve(dead);
    void post(first, PAY, { user: 'alice', db: died === 'complete' ? db : (broken as never) });
    const second = await serve(store);
    await until(async () => (await post(second, PAY, { user: 'alice', db })).code === undefined);
    const rows = db.prepare('SELECT caller, key, amount FROM payments').all();
    expect(rows).toEqual([{ caller: 'alice', key: 'k1', amount: 5 }]);
    expect(db.prepare('SELECT body FROM outbox').all()).toHaveLength(1);
    expect((await post(second, PAY, { user: 'alice', db })).data).toEqual({
      pay: { id: 1, amount: 5 },
    });
    servers.splice(servers.indexOf(first), 1);
  });
});

describe('a queue that delivers at least once', () => {
  it('is told what to do with each delivery, and has one effect', async () => {
    let effects = 0;
    let away = false;
    const store = faulty(new MemoryStore(), () => (away ? 'reject' : undefined));
    const server = await started(
      new ApolloServer<{ user: string }>({
        typeDefs: [
          idempotentTypeDefs,
          `type P { id: ID } type Query { ok: Int } type Mutation { pay(amount: Int!): P @idempotent }`,
        ],
        resolvers: {
          Mutation: {
            pay(_: unknown, { amount }: { amount: number }) {
              if (amount === 13) throw new Error('database away');
              if (amount < 0) throw new GraphQLError('No.', { extensions: { code: 'NEGATIVE' } });
              effects += 1;
              return { id: '1' };
            },
          },
        },
        plugins: [idempotencyPlugin<{ user: string }>({ store, scope: ({ user }) => user })],
      }),
    );
    const deliver = (id: string, amount: number): Promise<Verdict> =>
      consume(server, { user: 'billing' }, { id, amount });
    expect(await deliver('m1', 5)).toEqual({ kind: 'done' });
    expect(await deliver('m1', 5)).toEqual({ kind: 'done' });
    expect(effects).toBe(1);
    expect(await deliver('m1', 6)).toMatchObject({ kind: 'dead' });
    expect(await deliver('m2', -1)).toEqual({ kind: 'dead', reason: 'NEGATIVE: No.' });
    expect(await deliver('m3', 13)).toEqual({ kind: 'again', afterMs: 5_000 });
    away = true;
    expect(await deliver('m4', 5)).toEqual({ kind: 'again', afterMs: 1_000 });
    away = false;
    expect(await deliver('m4', 5)).toEqual({ kind: 'done' });
    expect(effects).toBe(2);
  });
});

describe('rolling out', () => {
  const typeDefs = [
    idempotentTypeDefs,
    `scalar Upload
     type Query { ok: Int }
     type Mutation { pay: Int @idempotent, addDocument(file: Upload, sha256: String): Int @idempotent }`,
  ];

  it('counts requests without keys, and keeps tenants apart', async () => {
    const missing: string[] = [];
    let effects = 0;
    const server = await started(
      new ApolloServer<{ tenant: string; user: string }>({
        typeDefs: [
          typeDefs[0] ?? '',
          'type Query { ok: Int } type Mutation { pay: Int @idempotent }',
        ],
        resolvers: { Mutation: { pay: () => (effects += 1) } },
        plugins: [lenientPlugin(new MemoryStore(), (operation) => missing.push(operation))],
      }),
    );
    await post(server, 'mutation { pay }', { tenant: 'a', user: 'b' });
    expect(missing).toEqual(['Mutation.pay']);
    const keyed = 'mutation { pay @idempotent(key: "k1") }';
    for (const [tenant, user] of [
      ['a/b', 'c'],
      ['a', 'b/c'],
      ['a', 'b/c'],
    ] as const) {
      await post(server, keyed, { tenant, user });
    }
    expect(effects).toBe(3);
  });

  it('compares uploads by their digests', async () => {
    let effects = 0;
    const server = await started(
      new ApolloServer<{ tenant: string; user: string }>({
        typeDefs: [typeDefs[0] ?? '', (typeDefs[1] ?? '').replace('pay: Int @idempotent, ', '')],
        resolvers: { Mutation: { addDocument: () => (effects += 1) } },
        plugins: [uploadPlugin(new MemoryStore())],
      }),
    );
    const add = (file: string, sha256: string): ReturnType<typeof post> =>
      post(
        server,
        `mutation { addDocument(file: "${file}", sha256: "${sha256}") @idempotent(key: "k1") }`,
        { tenant: 'a', user: 'b' },
      );
    expect([(await add('one', 'd1')).data, (await add('two', 'd1')).data]).toEqual([
      { addDocument: 1 },
      { addDocument: 1 },
    ]);
    expect((await add('one', 'd2')).code).toBe('IDEMPOTENCY_KEY_PARAMETER_MISMATCH');
  });
});

describe('moving from a lock of your own', () => {
  const { client: redis } = useRedis();

  it('has one effect, whichever server gets the request and its retries', async () => {
    let effects = 0;
    const charge = (amount: number): Promise<unknown> =>
      Promise.resolve({ id: String((effects += 1)), amount });
    const next = await started(
      new ApolloServer<{ user: string; redis: Redis }>({
        typeDefs: [
          idempotentTypeDefs,
          `type P { id: ID, amount: Int } type Query { ok: Int }
           type Mutation { pay(amount: Int!): P @idempotent }`,
        ],
        resolvers: resolversInTransition(charge),
        plugins: [
          idempotencyPlugin<{ user: string; redis: Redis }>({
            store: new RedisStore(redis, { service: SERVICE }),
            scope: ({ user }) => user,
          }),
        ],
      }),
    );
    const context = { user: 'alice', redis };
    const toNew = (key: string): ReturnType<typeof post> =>
      post(next, `mutation { pay(amount: 5) @idempotent(key: "${key}") { id amount } }`, context);
    const toOld = (key: string): Promise<unknown> => once(redis, `alice:${key}`, () => charge(5));

    expect(await toOld('k1')).toEqual({ id: '1', amount: 5 });
    expect((await toNew('k1')).data).toEqual({ pay: { id: '1', amount: 5 } });
    expect((await toNew('k2')).data).toEqual({ pay: { id: '2', amount: 5 } });
    expect(await toOld('k2')).toEqual({ id: '2', amount: 5 });
    const race = await Promise.allSettled([toOld('k3'), toNew('k3')]);
    expect(race.some(({ status }) => status === 'fulfilled')).toBe(true);
    expect(effects).toBe(3);
    expect((await toNew('k3')).data).toMatchObject({ pay: { id: '3' } });
  });
});
