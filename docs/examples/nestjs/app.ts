import { ApolloDriver, type ApolloDriverConfig } from '@nestjs/apollo';
import {
  Injectable,
  Module,
  UseGuards,
  type CanActivate,
  type ExecutionContext,
} from '@nestjs/common';
import {
  Args,
  Field,
  GqlExecutionContext,
  GraphQLModule,
  ID,
  Int,
  Mutation,
  ObjectType,
  Query,
  Resolver,
} from '@nestjs/graphql';
import type { Execution } from 'graphql-idempotency';
import { CurrentExecution, Idempotent, IdempotencyModule } from 'graphql-idempotency/nestjs';
import { RedisStore } from 'graphql-idempotency/redis';
import { Redis } from 'ioredis';

/** What GraphQL is told of a request. */
interface Context {
  readonly user: string;
}

/** Lets in who has said who they are. */
@Injectable()
export class UserGuard implements CanActivate {
  canActivate(context: ExecutionContext): boolean {
    return GqlExecutionContext.create(context).getContext<Context>().user !== '';
  }
}

/** A payment. */
@ObjectType()
export class Payment {
  @Field(() => ID)
  id!: string;

  @Field(() => Int)
  amount!: number;
}

/** Pays. */
@Resolver()
export class PaymentResolver {
  @Query(() => String)
  version(): string {
    return '1';
  }

  @Mutation(() => Payment)
  @UseGuards(UserGuard)
  @Idempotent({ onCrash: 'REJECT' })
  createPayment(
    @Args('amount', { type: () => Int }) amount: number,
    @CurrentExecution() execution: Execution | undefined,
  ): Payment {
    return { id: `p_${String(execution?.downstreamKey('payment'))}`, amount };
  }
}

/** Provides the connection to Redis. */
@Module({
  providers: [{ provide: Redis, useFactory: () => new Redis(process.env['REDIS_URL'] ?? '') }],
  exports: [Redis],
})
export class RedisModule {}

/** The application. */
@Module({
  imports: [
    IdempotencyModule.forRootAsync({
      imports: [RedisModule],
      inject: [Redis],
      useFactory: (redis: Redis) => ({
        store: new RedisStore(redis, { service: 'payments' }),
        scope: ({ user }: Context) => user,
      }),
    }),
    GraphQLModule.forRoot<ApolloDriverConfig>({
      driver: ApolloDriver,
      autoSchemaFile: true,
      context: ({ req }: { req: { headers: { authorization?: string } } }): Context => ({
        user: req.headers.authorization ?? '',
      }),
    }),
  ],
  providers: [PaymentResolver],
})
export class AppModule {}
