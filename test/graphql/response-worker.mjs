// A server process whose mutations return instances. Alone, it says when a resolver has returned, and
// never ends the operation: it is there to be killed by response-interplay.test.ts. With `retry`, it
// waits for the lease to lapse, sends the same twice, and prints both answers. It uses the built
// package, as its users do.
import { ApolloServer } from '@apollo/server';
import { Redis } from 'ioredis';
import { idempotencyPlugin, idempotentTypeDefs } from '../../dist/esm/index.js';
import { RedisStore } from '../../dist/esm/stores/redis/index.js';

const [port, field, mode] = process.argv.slice(2);
const isRetry = mode === 'retry';
const redis = new Redis(Number(port), '127.0.0.1');

class Payment {
  constructor(id) {
    this.id = id;
  }
  text() {
    return `receipt of ${this.id}`;
  }
}

const server = new ApolloServer({
  typeDefs: [
    idempotentTypeDefs,
    `type Payment { id: ID!, receipt: String! }
     type Query { ok: Int }
     type Mutation {
       pay: Payment @idempotent(leaseMs: 1500, waitMs: 20000)
       recovered: Payment @idempotent(leaseMs: 1500, waitMs: 20000)
     }`,
  ],
  resolvers: {
    Payment: {
      receipt(payment) {
        if (isRetry) return payment.text();
        process.stdout.write('resolved\n');
        return new Promise(() => undefined);
      },
    },
    Mutation: { pay: () => new Payment('paid'), recovered: () => new Payment('paid') },
  },
  plugins: [
    idempotencyPlugin({
      store: new RedisStore(redis, { service: 'responses' }),
      scope: 'global',
      onEvent: () => undefined,
      recover: { 'Mutation.recovered': () => ({ value: new Payment('found') }) },
    }),
  ],
});

for (let sent = 0; sent < 2; sent += 1) {
  const { body } = await server.executeOperation({
    query: `mutation { ${field} @idempotent(key: "k1") { id receipt } }`,
  });
  process.stdout.write(`${JSON.stringify(body.singleResult)}\n`);
}
await server.stop();
redis.disconnect();
