import 'reflect-metadata';
import { specifiedDirectives, type GraphQLSchema } from 'graphql';
import {
  Arg,
  buildSchema,
  Field,
  ID,
  InputType,
  Int,
  Mutation,
  ObjectType,
  Query,
  Resolver,
} from 'type-graphql';
import { idempotentDirective } from '../../src/index.js';
import { Idempotent } from '../../src/type-graphql/index.js';
import { pay } from './ledger.js';

@ObjectType()
class Payer {
  @Field(() => ID) id!: string;
  @Field(() => String) name!: string;
}

@ObjectType()
class Payment {
  @Field(() => ID) id!: string;
  @Field(() => String) reference!: string;
  @Field(() => Int) amount!: number;
  @Field(() => String) currency!: string;
  @Field(() => String) status!: string;
  @Field(() => String) createdAt!: string;
  @Field(() => String) description!: string;
  @Field(() => Payer) payer!: Payer;
}

@InputType()
class PaymentInput {
  @Field(() => String) idempotencyKey!: string;
  @Field(() => Int) amount!: number;
  @Field(() => String) currency!: string;
  @Field(() => String) description!: string;
}

function settled(input: PaymentInput): Payment {
  const { payer, ...payment } = pay(input);
  return Object.assign(new Payment(), payment, { payer: Object.assign(new Payer(), payer) });
}

@Resolver()
class PlainResolver {
  @Query(() => String)
  ping(): string {
    return 'pong';
  }

  @Mutation(() => Payment)
  createPayment(@Arg('input', () => PaymentInput) input: PaymentInput): Payment {
    return settled(input);
  }
}

@Resolver()
class MarkedResolver {
  @Query(() => String)
  ping(): string {
    return 'pong';
  }

  @Mutation(() => Payment)
  @Idempotent()
  createPayment(@Arg('input', () => PaymentInput) input: PaymentInput): Payment {
    return settled(input);
  }
}

/** The part of the benchmark's schema that TypeGraphQL builds, with results that are instances. */
export function buildTypeGraphQLSchema(marked: boolean): Promise<GraphQLSchema> {
  return buildSchema({
    resolvers: [marked ? MarkedResolver : PlainResolver],
    directives: [...specifiedDirectives, ...(marked ? [idempotentDirective] : [])],
    validate: false,
  });
}
