import { UseGuards } from '@nestjs/common';
import {
  Args,
  ArgsType,
  createUnionType,
  Field,
  ID,
  Int,
  Mutation,
  ObjectType,
  Query,
  Resolver,
} from '@nestjs/graphql';
import { Idempotent } from '../../src/nestjs/index.js';
import { PaymentsGuard } from './nest-door.js';
import { Payments } from './payments.js';

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
  resolveType: (value: object) => ('reason' in value ? Declined : Payment),
});

@ArgsType()
class PayArgs {
  @Field(() => Int)
  amount!: number;

  @Field(() => String, { nullable: true })
  idempotencyKey?: string;
}

/** What pays, as Nest has it code-first. */
@Resolver()
export class CodeFirstResolver {
  readonly #payments: Payments;

  constructor(payments: Payments) {
    this.#payments = payments;
  }

  @Query(() => String, { nullable: true })
  ping(): string {
    return 'pong';
  }

  @Mutation(() => PayResult)
  @UseGuards(PaymentsGuard)
  @Idempotent()
  async pay(@Args() { amount }: PayArgs): Promise<Payment | Declined> {
    const result = await this.#payments.pay(amount);
    return Object.assign(result.kind === 'Payment' ? new Payment() : new Declined(), result);
  }

  @Mutation(() => Int, { nullable: true })
  log(@Args('line', { type: () => String }) line: string): number {
    return line.length;
  }
}
