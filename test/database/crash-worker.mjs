// A server process that reads keys from its input, a line each, and prints what a payment with that key
// was answered. Its arguments are the port of Redis, the dialect and port of the database, and "holds"
// if it is to hold each transaction until it gets SIGUSR2, and to say so.
// Started, and killed, by crashes.long.test.ts. It uses the built package, as its users do.
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { ApolloServer } from '@apollo/server';
import { Redis } from 'ioredis';
import mysql from 'mysql2/promise';
import pg from 'pg';
import { idempotencyOf, idempotencyPlugin, idempotentTypeDefs } from '../../dist/esm/index.js';
import { fromMysql2, fromPg } from '../../dist/esm/stores/database/index.js';
import { RedisStore } from '../../dist/esm/stores/redis/index.js';

const [redisPort, dialect, port, holds] = process.argv.slice(2);
const redis = new Redis(Number(redisPort), '127.0.0.1');
redis.on('error', () => undefined);

/** By dialect: an adapter with its pool, and a payment as the pool's library makes it. */
const databases = {
  postgres() {
    const pool = new pg.Pool({
      ...{ host: '127.0.0.1', port: Number(port), user: 'test', database: 'postgres' },
    });
    pool.on('error', () => undefined);
    return {
      ...{ pool, database: fromPg(pool) },
      async pay(tx, amount) {
        await tx.query('UPDATE accounts SET balance = balance - $1', [amount]);
        const insert = 'INSERT INTO payments (amount) VALUES ($1) RETURNING id, amount';
        return (await tx.query(insert, [amount])).rows[0];
      },
    };
  },
  mysql() {
    const pool = mysql.createPool(`mysql://test@127.0.0.1:${port}/shop`);
    return {
      ...{ pool, database: fromMysql2(pool) },
      async pay(tx, amount) {
        await tx.query('UPDATE accounts SET balance = balance - ?', [amount]);
        const [{ insertId }] = await tx.query('INSERT INTO payments (amount) VALUES (?)', [amount]);
        return { id: insertId, amount };
      },
    };
  },
};
const { pool, database, pay } = databases[dialect]();

const server = new ApolloServer({
  typeDefs: [
    idempotentTypeDefs,
    `type Payment { id: Int!, amount: Int! }
     type Query { ok: Int }
     type Mutation { pay(amount: Int!): Payment! @idempotent(onCrash: RERUN, leaseMs: 1500, waitMs: 20000) }`,
  ],
  resolvers: {
    Mutation: {
      pay: (_, { amount }, _context, info) =>
        idempotencyOf(info).transaction(database, async (tx) => {
          const payment = await pay(tx, amount);
          if (holds) {
            // Before it says so: the signal may come at once.
            const goOn = once(process, 'SIGUSR2');
            process.stdout.write('"holding"\n');
            await goOn;
          }
          return payment;
        }),
    },
  },
  plugins: [
    idempotencyPlugin({
      store: new RedisStore(redis, { service: 'crashes' }),
      scope: 'global',
      onEvent: () => undefined,
    }),
  ],
});

for await (const key of createInterface({ input: process.stdin })) {
  const { body } = await server.executeOperation({
    query: `mutation { pay(amount: 5) @idempotent(key: "${key}") { id amount } }`,
  });
  process.stdout.write(`${JSON.stringify(body.singleResult)}\n`);
}
await server.stop();
await pool.end();
redis.disconnect();
