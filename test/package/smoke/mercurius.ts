// needs: graphql fastify mercurius
import assert from 'node:assert/strict';
import fastify from 'fastify';
import { idempotentTypeDefs, MemoryStore } from 'graphql-idempotency';
import { mercuriusIdempotency } from 'graphql-idempotency/mercurius';
import mercurius from 'mercurius';

interface Context {
  readonly user: string;
}

async function main(): Promise<void> {
  let payments = 0;
  const app = fastify();
  await app.register(mercurius, {
    schema: [
      idempotentTypeDefs,
      'type Query { count: Int! } type Mutation { pay(amount: Int!): Int! @idempotent }',
    ],
    resolvers: {
      Query: { count: () => payments },
      Mutation: {
        pay: (_: unknown, { amount }: { amount: number }) => amount * (payments += 1),
      },
    },
    context: ({ headers }): Context => ({ user: headers.authorization ?? '' }),
  });
  await app.register(mercuriusIdempotency<Context>, {
    store: new MemoryStore(),
    scope: ({ user }) => user,
  });
  for (const expected of [undefined, 'true']) {
    const response = await app.inject({
      method: 'POST',
      url: '/graphql',
      headers: { authorization: 'alice', 'idempotency-key': 'k1' },
      payload: { query: 'mutation { pay(amount: 7) }' },
    });
    assert.deepEqual(response.json<{ data: unknown }>().data, { pay: 7 });
    assert.equal(response.headers['idempotent-replayed'], expected);
  }
  assert.equal(payments, 1);
  await app.close();
}

main().catch((error: unknown) => {
  console.error(error);
  process.exitCode = 1;
});
