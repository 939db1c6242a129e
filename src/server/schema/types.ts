import {
  createUnionType,
  Field,
  ID,
  InputType,
  Int,
  ObjectType,
  registerEnumType,
} from 'type-graphql';
import type { AccountRecord, PaymentRecord, RefundRecord } from '../ledger/records.js';

/** ISO 4217 codes. */
export enum Currency {
  EUR = 'EUR',
  GBP = 'GBP',
  USD = 'USD',
}
registerEnumType(Currency, { name: 'Currency', description: 'ISO 4217 codes.' });

/** The refunded part of a payment. */
export enum PaymentStatus {
  COMPLETED = 'COMPLETED',
  PARTIALLY_REFUNDED = 'PARTIALLY_REFUNDED',
  REFUNDED = 'REFUNDED',
}
registerEnumType(PaymentStatus, { name: 'PaymentStatus' });

/** The reason for which a payment was declined. */
export enum PaymentDeclineReason {
  CURRENCY_MISMATCH = 'CURRENCY_MISMATCH',
  INSUFFICIENT_FUNDS = 'INSUFFICIENT_FUNDS',
  SAME_ACCOUNT = 'SAME_ACCOUNT',
}
registerEnumType(PaymentDeclineReason, { name: 'PaymentDeclineReason' });

@ObjectType()
export class Account {
  @Field(() => ID)
  readonly id!: string;

  @Field(() => String)
  readonly name!: string;

  @Field(() => String, { description: 'The name of the user who owns it.' })
  readonly owner!: string;

  @Field(() => Currency)
  readonly currency!: Currency;

  @Field(() => Int, { description: 'In minor units.' })
  readonly balance!: number;

  static from(record: AccountRecord): Account {
    const { id, name, owner, balance, currency } = record;
    return Object.assign(new Account(), {
      ...{ id, name, owner, balance },
      currency: Currency[currency],
    });
  }
}

@ObjectType()
export class User {
  @Field(() => ID)
  readonly id!: string;

  @Field(() => String)
  readonly name!: string;

  @Field(() => [Account])
  readonly accounts!: Account[];
}

@ObjectType({ description: 'Money of a payment that was given back.' })
export class Refund {
  @Field(() => ID)
  readonly id!: string;

  @Field(() => ID)
  readonly paymentId!: string;

  @Field(() => Int, { description: 'In minor units.' })
  readonly amount!: number;

  @Field(() => Currency)
  readonly currency!: Currency;

  @Field(() => Date)
  readonly createdAt!: Date;

  static from(record: RefundRecord): Refund {
    const { id, paymentId, amount, currency, createdAtMs } = record;
    const createdAt = new Date(createdAtMs);
    return Object.assign(new Refund(), {
      ...{ id, paymentId, amount, createdAt },
      currency: Currency[currency],
    });
  }
}

@ObjectType({ description: 'Money that was moved from one account to another.' })
export class Payment {
  @Field(() => ID)
  readonly id!: string;

  @Field(() => ID, { description: 'The account that paid.' })
  readonly from!: string;

  @Field(() => ID, { description: 'The account that was paid.' })
  readonly to!: string;

  @Field(() => Int, { description: 'In minor units.' })
  readonly amount!: number;

  @Field(() => Currency)
  readonly currency!: Currency;

  @Field(() => String, { nullable: true })
  readonly reference!: string | null;

  @Field(() => PaymentStatus)
  readonly status!: PaymentStatus;

  @Field(() => Date)
  readonly createdAt!: Date;

  @Field(() => [Refund])
  readonly refunds!: Refund[];

  static from(record: PaymentRecord): Payment {
    const { id, from, to, amount, currency, reference, createdAtMs, refunds } = record;
    const refunded = refunds.reduce((sum, refund) => sum + refund.amount, 0);
    const status =
      refunded === 0 ? 'COMPLETED' : refunded < amount ? 'PARTIALLY_REFUNDED' : 'REFUNDED';
    return Object.assign(new Payment(), {
      ...{ id, from, to, amount, reference },
      currency: Currency[currency],
      status: PaymentStatus[status],
      createdAt: new Date(createdAtMs),
      refunds: refunds.map((refund) => Refund.from(refund)),
    });
  }
}

@ObjectType({ description: 'A payment that could not be made. Nothing was moved.' })
export class PaymentDeclined {
  @Field(() => PaymentDeclineReason)
  readonly reason!: PaymentDeclineReason;

  @Field(() => String)
  readonly message!: string;

  static because(reason: PaymentDeclineReason): PaymentDeclined {
    return Object.assign(new PaymentDeclined(), { reason, message: MESSAGES[reason] });
  }
}

const MESSAGES: Readonly<Record<PaymentDeclineReason, string>> = {
  [PaymentDeclineReason.CURRENCY_MISMATCH]: 'Both accounts must have the currency of the payment.',
  [PaymentDeclineReason.INSUFFICIENT_FUNDS]: 'The balance of the paying account is too low.',
  [PaymentDeclineReason.SAME_ACCOUNT]: 'An account cannot pay itself.',
};

export const CreatePaymentResult = createUnionType({
  name: 'CreatePaymentResult',
  types: () => [Payment, PaymentDeclined] as const,
});

@ObjectType()
export class PageInfo {
  @Field(() => Boolean)
  readonly hasNextPage!: boolean;

  @Field(() => String, { nullable: true, description: 'The `after` of the next page.' })
  readonly endCursor!: string | null;
}

@ObjectType({ description: 'A page of payments, newest first.' })
export class PaymentConnection {
  @Field(() => [Payment])
  readonly nodes!: Payment[];

  @Field(() => PageInfo)
  readonly pageInfo!: PageInfo;

  @Field(() => Int, { description: 'How many payments there are in all.' })
  readonly totalCount!: number;
}

@InputType()
export class CreatePaymentInput {
  @Field(() => ID, { description: 'An account of the caller, such as `acct_alice_eur`.' })
  readonly from!: string;

  @Field(() => ID, { description: 'Any account.' })
  readonly to!: string;

  @Field(() => Int, { description: 'In minor units, above 0.' })
  readonly amount!: number;

  @Field(() => Currency)
  readonly currency!: Currency;

  @Field(() => String, { nullable: true, description: 'Up to 140 characters.' })
  readonly reference?: string | null;
}

@InputType()
export class RefundPaymentInput {
  @Field(() => ID)
  readonly paymentId!: string;

  @Field(() => Int, { nullable: true, description: 'In minor units; all that is left if absent.' })
  readonly amount?: number | null;
}
