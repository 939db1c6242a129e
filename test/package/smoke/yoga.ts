// needs: graphql graphql-yoga
import assert from 'node:assert/strict';
import { idempotentTypeDefs, MemoryStore } from 'graphql-idempotency';
import { useIdempotency } from 'graphql-idempotency/yoga';
import { createSchema, createYoga } from 'graphql-yoga';

interface Context {
  readonly user: string;
}

async function main(): Promise<void> {
  let payments = 0;
  const yoga = createYoga<object, Context>({
    schema: createSchema<Context>({
      typeDefs: [
        idempotentTypeDefs,
        'type Query { count: Int! } type Mutation { pay(amount: Int!): Int! @idempotent }',
      ],
      resolvers: {
        Query: { count: () => payments },
        Mutation: { pay: (_, { amount }: { amount: number }) => amount * (payments += 1) },
      },
    }),
    context: ({ request }) => ({ user: request.headers.get('authorization') ?? '' }),
    plugins: [useIdempotency<Context>({ store: new MemoryStore(), scope: ({ user }) => user })],
  });
  for (const expected of [null, 'true']) {
    const response = await yoga.fetch('http://localhost/graphql', {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        authorization: 'alice',
        'idempotency-key': 'k1',
      },
      body: JSON.stringify({ query: 'mutation { pay(amount: 7) }' }),
    });
    const { data } = (await response.json()) as { data: unknown };
    assert.deepEqual(data, { pay: 7 });
    assert.equal(response.headers.get('idempotent-replayed'), expected);
  }
  assert.equal(payments, 1);
  await yoga.dispose();
}

main().catch((error: unknown) => {
  console.error(error);
  process.exitCode = 1;
});
