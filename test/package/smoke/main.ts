// needs: @apollo/server graphql
import assert from 'node:assert/strict';
import { ApolloServer, type ApolloServerPlugin } from '@apollo/server';
import type { GraphQLResolveInfo } from 'graphql';
import {
  idempotencyOf,
  idempotencyPlugin,
  idempotentTypeDefs,
  MemoryStore,
  type Execution,
  type IdempotencyEvent,
  type IdempotencyOptions,
} from 'graphql-idempotency';

interface Context {
  readonly user: string;
}

async function main(): Promise<void> {
  let payments = 0;
  const events: IdempotencyEvent['type'][] = [];
  const options: IdempotencyOptions<Context> = {
    store: new MemoryStore(),
    scope: ({ user }) => user,
    ttlSeconds: 60,
    onEvent: ({ type }) => events.push(type),
  };
  const plugin: ApolloServerPlugin<Context> = idempotencyPlugin(options);
  const server = new ApolloServer<Context>({
    typeDefs: [
      idempotentTypeDefs,
      'type Query { ping: Int } type Mutation { pay(amount: Int!): Int @idempotent }',
    ],
    resolvers: {
      Mutation: {
        pay(_: unknown, { amount }: { amount: number }, __: Context, info: GraphQLResolveInfo) {
          const execution: Execution | undefined = idempotencyOf(info);
          payments += 1;
          return amount * (execution?.attempt ?? 0);
        },
      },
    },
    plugins: [plugin],
  });
  const query = 'mutation { pay(amount: 7) @idempotent(key: "k1") }';
  const answers = [];
  for (let request = 0; request < 2; request += 1) {
    const { body } = await server.executeOperation({ query }, { contextValue: { user: 'alice' } });
    answers.push(body.kind === 'single' ? body.singleResult.data?.['pay'] : undefined);
  }
  await server.stop();
  assert.deepEqual([answers, payments], [[7, 7], 1]);
  assert.ok(events.includes('executed') && events.includes('replayed'));
}

void main();
