import 'reflect-metadata';
import { ApolloServer } from '@apollo/server';
import { buildSubgraphSchema } from '@apollo/subgraph';
import { printSchemaWithDirectives } from '@graphql-tools/utils';
import { parse, specifiedDirectives } from 'graphql';
import {
  applyIdempotency,
  idempotencyPlugin,
  idempotentDirective,
  type Execution,
} from 'graphql-idempotency';
import { RedisStore } from 'graphql-idempotency/redis';
import { CurrentExecution, Idempotent } from 'graphql-idempotency/type-graphql';
import type { Redis } from 'ioredis';
import {
  Arg,
  Authorized,
  buildSchema,
  createResolversMap,
  Ctx,
  Directive,
  Field,
  ID,
  Int,
  Mutation,
  ObjectType,
  Query,
  Resolver,
} from 'type-graphql';

@ObjectType()
@Directive('@key(fields: "id", resolvable: false)')
class User {
  @Field(() => ID)
  id!: string;
}

@ObjectType()
export class Booking {
  @Field(() => ID)
  id!: string;

  @Field(() => Int)
  nights!: number;

  @Field(() => User)
  guest!: User;
}

export interface BookingsContext {
  readonly user: string;
  /** What makes a booking, and does so once for a reference. */
  book(user: string, nights: number, reference: string | undefined): Promise<Booking>;
}

@Resolver()
class BookingResolver {
  @Query(() => Int)
  vacancies(): number {
    return 3;
  }

  @Authorized()
  @Mutation(() => Booking)
  @Idempotent()
  book(
    @Arg('nights', () => Int) nights: number,
    @Ctx() context: BookingsContext,
    @CurrentExecution() execution?: Execution,
  ): Promise<Booking> {
    return context.book(context.user, nights, execution?.downstreamKey('booking'));
  }
}

const link =
  'extend schema @link(url: "https://specs.apollo.dev/federation/v2.3", import: ["@key"])';

export async function bookingsSubgraph(redis: Redis): Promise<ApolloServer<BookingsContext>> {
  const schema = await buildSchema({
    resolvers: [BookingResolver],
    directives: [...specifiedDirectives, idempotentDirective],
    authChecker: ({ context }: { context: BookingsContext }) => context.user !== '',
  });
  // Before its resolvers are taken: so the plugin knows that @Idempotent has wrapped them already.
  applyIdempotency(schema);
  return new ApolloServer<BookingsContext>({
    schema: buildSubgraphSchema([
      parse(link),
      {
        typeDefs: parse(printSchemaWithDirectives(schema)),
        // The two packages have different types for the same map.
        resolvers: createResolversMap(schema) as Record<string, never>,
      },
    ]),
    plugins: [
      idempotencyPlugin<BookingsContext>({
        store: new RedisStore(redis, { service: 'bookings' }),
        scope: ({ user }) => user,
      }),
    ],
  });
}
