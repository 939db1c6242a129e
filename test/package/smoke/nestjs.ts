// needs: graphql @nestjs/common @nestjs/core @nestjs/graphql @nestjs/apollo @nestjs/platform-express @apollo/server @as-integrations/express5 reflect-metadata rxjs express @types/express
import 'reflect-metadata';
import assert from 'node:assert/strict';
import { Module, UseGuards, type CanActivate, type ExecutionContext } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { ApolloDriver, type ApolloDriverConfig } from '@nestjs/apollo';
import {
  Args,
  GqlExecutionContext,
  GraphQLModule,
  Int,
  Mutation,
  Query,
  Resolver,
} from '@nestjs/graphql';
import { MemoryStore, type Execution } from 'graphql-idempotency';
import { CurrentExecution, Idempotent, IdempotencyModule } from 'graphql-idempotency/nestjs';

let payments = 0;

/** Turns away whoever says that the account is closed. */
class OpenAccountGuard implements CanActivate {
  canActivate(context: ExecutionContext): boolean {
    const { req } = GqlExecutionContext.create(context).getContext<{
      req: { headers: Record<string, string | undefined> };
    }>();
    return req.headers['x-account'] !== 'closed';
  }
}

@Resolver()
class PaymentResolver {
  @Query(() => Int)
  count(): number {
    return payments;
  }

  @Mutation(() => Int)
  @UseGuards(OpenAccountGuard)
  @Idempotent({ ttlSeconds: 60 })
  pay(
    @Args('amount', { type: () => Int }) amount: number,
    @CurrentExecution() execution?: Execution,
  ): number {
    payments += 1;
    return amount * (execution?.attempt ?? 0);
  }
}

@Module({
  imports: [
    IdempotencyModule.forRootAsync({
      useFactory: () => ({ store: new MemoryStore(), scope: 'global' }),
    }),
    GraphQLModule.forRoot<ApolloDriverConfig>({ driver: ApolloDriver, autoSchemaFile: true }),
  ],
  providers: [PaymentResolver],
})
class AppModule {}

async function main(): Promise<void> {
  const app = await NestFactory.create(AppModule, { logger: false, abortOnError: false });
  await app.listen(0, '127.0.0.1');
  const url = `${await app.getUrl()}/graphql`;
  const body = JSON.stringify({ query: 'mutation { pay(amount: 7) @idempotent(key: "k1") }' });
  const answers: unknown[] = [];
  for (const account of ['open', 'open', 'closed']) {
    const headers = { 'content-type': 'application/json', 'x-account': account };
    const response = await fetch(url, { method: 'POST', headers, body });
    const { data } = (await response.json()) as { data?: { pay?: number } };
    answers.push(data?.pay);
  }
  await app.close();
  assert.deepEqual([answers, payments], [[7, 7, undefined], 1]);
}

void main();
