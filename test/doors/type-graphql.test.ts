import 'reflect-metadata';
import { specifiedDirectives, type GraphQLSchema } from 'graphql';
import {
  Arg,
  Args,
  ArgsType,
  Authorized,
  buildSchema,
  createUnionType,
  Field,
  ID,
  Int,
  Mutation,
  ObjectType,
  Query,
  Resolver,
} from 'type-graphql';
import { idempotentDirective } from '../../src/index.js';
import { Idempotent } from '../../src/type-graphql/index.js';
import { apolloDoor } from './apollo-door.js';
import { describeDoor } from './battery.js';
import type { DoorContext } from './door.js';
import type { Payments } from './payments.js';

@ObjectType()
class Payment {
  @Field(() => ID)
  id!: string;

  @Field(() => Int)
  amount!: number;

  @Field(() => Date)
  at!: Date;
}

@ObjectType()
class Declined {
  @Field(() => String)
  reason!: string;
}

const PayResult = createUnionType({
  name: 'PayResult',
  types: () => [Payment, Declined] as const,
  resolveType: (value) => ('reason' in value ? Declined : Payment),
});

@ArgsType()
class PayArgs {
  @Field(() => Int)
  amount!: number;

  @Field(() => String, { nullable: true })
  idempotencyKey?: string;
}

@Resolver()
class PaymentResolver {
  readonly #payments: Payments;

  constructor(payments: Payments) {
    this.#payments = payments;
  }

  @Query(() => String, { nullable: true })
  ping(): string {
    return 'pong';
  }

  @Authorized()
  @Idempotent()
  @Mutation(() => PayResult)
  async pay(@Args(() => PayArgs) { amount }: PayArgs): Promise<Payment | Declined> {
    const result = await this.#payments.pay(amount);
    return Object.assign(result.kind === 'Payment' ? new Payment() : new Declined(), result);
  }

  @Mutation(() => Int, { nullable: true })
  log(@Arg('line', () => String) line: string): number {
    return line.length;
  }
}

function createSchema(payments: Payments): Promise<GraphQLSchema> {
  return buildSchema({
    resolvers: [PaymentResolver],
    container: { get: () => new PaymentResolver(payments) },
    directives: [...specifiedDirectives, idempotentDirective],
    authChecker: ({ context }) => payments.admits((context as DoorContext).user),
    validate: false,
  });
}

describeDoor({ ...apolloDoor, name: 'Apollo Server with TypeGraphQL' }, createSchema);
