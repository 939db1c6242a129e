import { Arg, Authorized, Ctx, ID, Int, Mutation, Query, Resolver } from 'type-graphql';
import type { Execution } from '../../index.js';
import { CurrentExecution, Idempotent } from '../../type-graphql/index.js';
import type { CallerContext } from '../context.js';
import { findPayment, pay, paymentPage } from '../ledger/payments.js';
import type { PaymentOutcome, RequestIdentity } from '../ledger/records.js';
import { refund } from '../ledger/refunds.js';
import { LOOKUP, pageCost, TRANSACTION } from './complexity.js';
import { PAGE_SIZE } from './page-size.js';
import { cursorOf, numberOf } from './cursor.js';
import { badUserInput, refusal, withLedgerErrors } from './ledger-errors.js';
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
  async payment(
    @Arg('id', () => ID) id: string,
    @Ctx() { caller, ledger }: CallerContext,
  ): Promise<Payment | null> {
    const payment = await ledger.read(findPayment(caller, id));
    return payment === undefined ? null : Payment.from(payment);
  }

  @Authorized()
  @Query(() => PaymentConnection, {
    description: 'What the caller has paid, newest first.',
    complexity: pageCost,
  })
  async payments(
    @Arg('first', () => Int, {
      nullable: true,
      defaultValue: PAGE_SIZE.usual,
      description: '1 to 100.',
    })
    first: number | null,
    @Arg('after', () => String, { nullable: true }) after: string | null | undefined,
    @Ctx() { caller, ledger }: CallerContext,
  ): Promise<PaymentConnection> {
    const size = first ?? PAGE_SIZE.usual;
    if (size < 1 || size > PAGE_SIZE.most) {
      throw badUserInput(`first must be 1 to ${PAGE_SIZE.most}.`);
    }
    const before = after == null ? undefined : numberOf(after);
    const page = await ledger.read(paymentPage(caller, size, before));
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
  // The processor knows a repeated request by its key, and everything else is in one transaction.
  @Idempotent({ onCrash: 'RERUN' })
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
    const outcome = await withLedgerErrors(() =>
      execution.transaction(ledger.transactions, (perform) => perform(pay(identity, order))),
    );
    return resultOf(outcome);
  }

  @Authorized()
  @Mutation(() => Refund, {
    description: 'Takes a payment, or a part of it, back.',
    complexity: TRANSACTION,
  })
  @Idempotent({ onCrash: 'RERUN' })
  async refundPayment(
    @Arg('input', () => RefundPaymentInput) input: RefundPaymentInput,
    @Arg('idempotencyKey', () => String, { nullable: true }) _idempotencyKey: string | undefined,
    @Ctx() { caller, ledger }: CallerContext,
    @CurrentExecution() execution: Execution,
  ): Promise<Refund> {
    const identity: RequestIdentity = { caller, key: execution.key };
    const { paymentId, amount = null } = input;
    const outcome = await withLedgerErrors(() =>
      execution.transaction(ledger.transactions, (perform) =>
        perform(refund(identity, paymentId, amount)),
      ),
    );
    if (outcome.kind === 'refused') throw refusal(outcome);
    return Refund.from(outcome.refund);
  }
}

function resultOf(outcome: PaymentOutcome): Payment | PaymentDeclined {
  switch (outcome.kind) {
    case 'paid':
      return Payment.from(outcome.payment);
    case 'declined':
      return PaymentDeclined.because(PaymentDeclineReason[outcome.reason]);
    case 'refused':
      throw refusal(outcome);
    default:
      return outcome satisfies never;
  }
}
