import type { CurrencyCode } from './tables.js';

/** An account. */
export interface AccountRecord {
  readonly id: string;
  readonly owner: string;
  readonly currency: CurrencyCode;
  readonly name: string;
  /** In minor units. */
  readonly balance: number;
}

/** A payment that was made. */
export interface PaymentRecord {
  /** Grows with every payment. */
  readonly number: number;
  readonly id: string;
  readonly from: string;
  readonly to: string;
  /** In minor units. */
  readonly amount: number;
  readonly currency: CurrencyCode;
  readonly reference: string | null;
  readonly createdAtMs: number;
  readonly refunds: readonly RefundRecord[];
}

/** A refund of a payment or of a part of it. */
export interface RefundRecord {
  readonly id: string;
  readonly paymentId: string;
  /** In minor units. */
  readonly amount: number;
  readonly currency: CurrencyCode;
  readonly createdAtMs: number;
}

/** The caller of a request, and the request's key. */
export interface RequestIdentity {
  readonly caller: string;
  readonly key: string;
}

/** A payment that is asked for. */
export interface PaymentOrder {
  readonly from: string;
  readonly to: string;
  readonly amount: number;
  readonly currency: CurrencyCode;
  readonly reference: string | null;
}

/** The reasons for which a possible payment is declined. */
export type DeclineReason = 'INSUFFICIENT_FUNDS' | 'SAME_ACCOUNT' | 'CURRENCY_MISMATCH';

/** A request that makes sense but is refused; the message is fit for clients. Nothing was moved. */
export interface Refused {
  readonly kind: 'refused';
  readonly code: 'REFUND_EXCEEDS_PAYMENT' | 'INSUFFICIENT_FUNDS' | 'KEY_ALREADY_USED';
  readonly message: string;
}

/** The outcome of an order. */
export type PaymentOutcome =
  | { readonly kind: 'paid'; readonly payment: PaymentRecord }
  | { readonly kind: 'declined'; readonly reason: DeclineReason }
  | Refused;

/** The outcome of a request for a refund. */
export type RefundOutcome = { readonly kind: 'refunded'; readonly refund: RefundRecord } | Refused;

/** A refusal, as a value: what a transaction throws is rolled back and not kept. */
export function refused(code: Refused['code'], message: string): Refused {
  return { kind: 'refused', code, message };
}

/** A request that makes no sense; the message is fit for clients. Nothing was moved. */
export class LedgerInputError extends Error {
  override readonly name = 'LedgerInputError';
}

/** @throws LedgerInputError */
export function checkAmount(amount: number): void {
  if (Number.isSafeInteger(amount) && amount > 0) return;
  throw new LedgerInputError('The amount must be above 0, in minor units such as cents.');
}
