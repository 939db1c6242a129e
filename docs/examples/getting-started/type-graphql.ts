import 'reflect-metadata';
import { ApolloServer } from '@apollo/server';
import { startStandaloneServer } from '@apollo/server/standalone';
import { specifiedDirectives } from 'graphql';
import { Redis } from 'ioredis';
import {
  Arg,
  Authorized,
  buildSchema,
  Field,
  ID,
  Int,
  Mutation,
  ObjectType,
  Query,
  Resolver,
} from 'type-graphql';
import { idempotencyPlugin, idempotentDirective, type Execution } from 'graphql-idempotency';
import { RedisStore } from 'graphql-idempotency/redis';
import { CurrentExecution, Idempotent } from 'graphql-idempotency/type-graphql';

const { PORT = '4000', REDIS_URL = 'redis://localhost:6379' } = process.env;
const redis = new Redis(REDIS_URL, { maxRetriesPerRequest: 1, socketTimeout: 3_000 });

interface Context {
  readonly user: string;
}

@ObjectType()
class Payment {
  @Field(() => ID)
  id!: string;

  @Field(() => Int)
  amount!: number;
}

/** Stands for a payment provider: it takes a key, and makes one payment for each. */
const bank = {
  payments: new Map<string, Payment>(),
  charge(amount: number, key = ''): Payment {
    const id = String(this.payments.size + 1);
    const payment = this.payments.get(key) ?? Object.assign(new Payment(), { id, amount });
    this.payments.set(key, payment);
    return payment;
  },
};

@Resolver()
class PaymentResolver {
  @Query(() => [Payment])
  payments(): Payment[] {
    return [...bank.payments.values()];
  }

  @Authorized() // runs first: who may not pay gets no stored answer either
  @Mutation(() => Payment)
  @Idempotent({ ttlSeconds: 3600 })
  createPayment(
    @Arg('amount', () => Int) amount: number,
    @CurrentExecution() execution?: Execution,
  ): Payment {
    return bank.charge(amount, execution?.downstreamKey('charge'));
  }
}

const authChecker = ({ context }: { context: Context }): boolean => context.user !== '';

async function main(): Promise<void> {
  const schema = await buildSchema({
    resolvers: [PaymentResolver],
    directives: [...specifiedDirectives, idempotentDirective],
    authChecker,
  });
  const server = new ApolloServer<Context>({
    schema,
    plugins: [
      idempotencyPlugin<Context>({
        store: new RedisStore(redis, { service: 'payments' }),
        scope: ({ user }) => user,
      }),
    ],
  });
  const { url } = await startStandaloneServer(server, {
    listen: { port: Number(PORT) },
    context: ({ req }) => Promise.resolve({ user: req.headers.authorization ?? '' }),
  });
  console.log(`ready at ${url}`);
}

void main();
