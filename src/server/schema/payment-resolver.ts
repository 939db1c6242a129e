import { Arg, Authorized, Ctx, ID, Int, Mutation, Query, Resolver } from 'type-graphql';
import type { Execution, RecoverReply, RecoverRequest } from '../../index.js';
import { CurrentExecution, Idempotent } from '../../type-graphql/index.js';
import type { CallerContext, ServerContext } from '../context.js';
import type { PaymentOutcome, RequestIdentity } from '../ledger/records.js';
import { LOOKUP, pageCost, TRANSACTION } from './complexity.js';
import { PAGE_SIZE } from './page-size.js';
import { cursorOf, numberOf } from './cursor.js';
import { badUserInput, withLedgerErrors } from './ledger-errors.js';
import {
  CreatePaymentInput,
  CreatePaymentResult,
  Payment,
  PaymentConnection,
  PaymentDeclined,
  PaymentDeclineReason,
  Refund,
  RefundPaymentInput,
} from './types.js';

@Resolver()
export class PaymentResolver {
  @Authorized()
  @Query(() => Payment, { nullable: true, complexity: LOOKUP })
  payment(@Arg('id', () => ID) id: string, @Ctx() context: CallerContext): Payment | null {
    const payment = context.ledger.payments.find(context.caller, id);
    return payment === undefined ? null : Payment.from(payment);
  }

  @Authorized()
  @Query(() => PaymentConnection, {
    description: 'What the caller has paid, newest first.',
    complexity: pageCost,
  })
  payments(
    @Arg('first', () => Int, {
      nullable: true,
      defaultValue: PAGE_SIZE.usual,
      description: '1 to 100.',
    })
    first: number | null,
    @Arg('after', () => String, { nullable: true }) after: string | null | undefined,
    @Ctx() { caller, ledger }: CallerContext,
  ): PaymentConnection {
    const size = first ?? PAGE_SIZE.usual;
    if (size < 1 || size > PAGE_SIZE.most) {
      throw badUserInput(`first must be 1 to ${PAGE_SIZE.most}.`);
    }
    const page = ledger.payments.page(caller, size, after == null ? undefined : numberOf(after));
    const last = page.payments.at(-1);
    return Object.assign(new PaymentConnection(), {
      nodes: page.payments.map((payment) => Payment.from(payment)),
      pageInfo: {
        hasNextPage: page.hasMore,
        endCursor: last === undefined ? null : cursorOf(last.number),
      },
      totalCount: page.totalCount,
    });
  }

  @Authorized()
  @Mutation(() => CreatePaymentResult, {
    description:
      'Moves money. Needs an idempotency key: the argument, or an Idempotency-Key header.',
    complexity: TRANSACTION,
  })
  @Idempotent({ recover: findPayment })
  async createPayment(
    @Arg('input', () => CreatePaymentInput) input: CreatePaymentInput,
    @Arg('idempotencyKey', () => String, { nullable: true }) _idempotencyKey: string | undefined,
    @Ctx() { caller, ledger, processor }: CallerContext,
    @CurrentExecution() execution: Execution,
  ): Promise<Payment | PaymentDeclined> {
    await processor.authorize(execution.downstreamKey('authorize'), execution.signal);
    const identity: RequestIdentity = { caller, key: execution.key };
    const { from, to, amount, currency, reference = null } = input;
    const order = { from, to, amount, currency, reference };
    return resultOf(withLedgerErrors(() => ledger.payments.pay(identity, order)));
  }

  @Authorized()
  @Mutation(() => Refund, {
    description: 'Takes a payment, or a part of it, back. Safe to run again, so a crash reruns it.',
    complexity: TRANSACTION,
  })
  @Idempotent({ onCrash: 'RERUN' })
  refundPayment(
    @Arg('input', () => RefundPaymentInput) input: RefundPaymentInput,
    @Arg('idempotencyKey', () => String, { nullable: true }) _idempotencyKey: string | undefined,
    @Ctx() { caller, ledger }: CallerContext,
    @CurrentExecution() execution: Execution,
  ): Refund {
    const identity: RequestIdentity = { caller, key: execution.key };
    const { paymentId, amount } = input;
    return Refund.from(
      withLedgerErrors(() => ledger.refunds.refund(identity, paymentId, amount ?? null)),
    );
  }
}

/** Settles a request whose process died: the ledger knows whether its payment was made. */
function findPayment({ scope, key, context }: RecoverRequest<ServerContext>): RecoverReply {
  const payment = context.ledger.payments.madeBy({ caller: scope, key });
  return payment === undefined ? 'RERUN' : { value: Payment.from(payment) };
}

function resultOf(outcome: PaymentOutcome): Payment | PaymentDeclined {
  return outcome.kind === 'paid'
    ? Payment.from(outcome.payment)
    : PaymentDeclined.because(PaymentDeclineReason[outcome.reason]);
}
