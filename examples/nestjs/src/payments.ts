import { Injectable, UseGuards, type CanActivate, type ExecutionContext } from '@nestjs/common';
import {
  Args,
  createUnionType,
  Field,
  GqlExecutionContext,
  ID,
  Int,
  Mutation,
  ObjectType,
  Query,
  Resolver,
  Context as RequestContext,
} from '@nestjs/graphql';
import type { Execution } from 'graphql-idempotency';
import { CurrentExecution, Idempotent } from 'graphql-idempotency/nestjs';
import { Ledger, type PayResult } from './ledger.js';

/** Who calls. */
export interface Context {
  readonly user: string;
}

/** Lets in callers with an open account. */
@Injectable()
export class OpenAccountGuard implements CanActivate {
  readonly #ledger: Ledger;

  constructor(ledger: Ledger) {
    this.#ledger = ledger;
  }

  canActivate(context: ExecutionContext): boolean {
    return this.#ledger.isOpen(GqlExecutionContext.create(context).getContext<Context>().user);
  }
}

@ObjectType('Payment')
class PaymentType {
  @Field(() => ID)
  id!: string;

  @Field(() => Int)
  amount!: number;

  @Field(() => Date)
  at!: Date;
}

@ObjectType('Declined')
class DeclinedType {
  @Field(() => String)
  reason!: string;
}

const PayResultType = createUnionType({
  name: 'PayResult',
  types: () => [PaymentType, DeclinedType] as const,
  resolveType: ({ kind }: PayResult) => (kind === 'Payment' ? PaymentType : DeclinedType),
});

/** Pays. The guard is asked for replays too. */
@Resolver()
export class PaymentResolver {
  readonly #ledger: Ledger;

  constructor(ledger: Ledger) {
    this.#ledger = ledger;
  }

  @Query(() => Int)
  payments(@RequestContext() { user }: Context): number {
    return this.#ledger.countPayments(user);
  }

  @Mutation(() => PayResultType)
  @UseGuards(OpenAccountGuard)
  @Idempotent()
  pay(
    @Args('amount', { type: () => Int }) amount: number,
    @Args('idempotencyKey', { type: () => String, nullable: true }) _key: string | undefined,
    @RequestContext() { user }: Context,
    @CurrentExecution() execution: Execution | undefined,
  ): Promise<PayResult> {
    return this.#ledger.pay(execution, user, amount);
  }

  @Mutation(() => Boolean)
  @UseGuards(OpenAccountGuard)
  closeAccount(@RequestContext() { user }: Context): boolean {
    return this.#ledger.closeAccount(user);
  }
}
