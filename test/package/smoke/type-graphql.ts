// needs: @apollo/server graphql type-graphql graphql-scalars class-validator reflect-metadata
import 'reflect-metadata';
import assert from 'node:assert/strict';
import { ApolloServer } from '@apollo/server';
import { specifiedDirectives } from 'graphql';
import {
  idempotencyPlugin,
  idempotentDirective,
  MemoryStore,
  type Execution,
} from 'graphql-idempotency';
import { CurrentExecution, Idempotent } from 'graphql-idempotency/type-graphql';
import { Arg, buildSchema, Int, Mutation, Query, Resolver } from 'type-graphql';

let payments = 0;

@Resolver()
class PaymentResolver {
  @Query(() => Int)
  count(): number {
    return payments;
  }

  @Mutation(() => Int)
  @Idempotent({ ttlSeconds: 60 })
  pay(@Arg('amount', () => Int) amount: number, @CurrentExecution() execution?: Execution): number {
    payments += 1;
    return amount * (execution?.attempt ?? 0);
  }
}

async function main(): Promise<void> {
  const schema = await buildSchema({
    resolvers: [PaymentResolver],
    directives: [...specifiedDirectives, idempotentDirective],
  });
  const server = new ApolloServer({
    schema,
    plugins: [idempotencyPlugin({ store: new MemoryStore(), scope: 'global' })],
  });
  const query = 'mutation { pay(amount: 7) @idempotent(key: "k1") }';
  const answers = [];
  for (let request = 0; request < 2; request += 1) {
    const { body } = await server.executeOperation({ query }, { contextValue: {} });
    answers.push(body.kind === 'single' ? body.singleResult.data?.['pay'] : undefined);
  }
  await server.stop();
  assert.deepEqual([answers, payments], [[7, 7], 1]);
}

void main();
