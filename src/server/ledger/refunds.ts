import { randomUUID } from 'node:crypto';
import { findAccount, lockAccounts } from './accounts.js';
import { findPayment } from './payments.js';
import {
  checkAmount,
  LedgerInputError,
  refused,
  type PaymentRecord,
  type RefundOutcome,
  type RefundRecord,
  type RequestIdentity,
} from './records.js';
import { refundRows } from './refund-rows.js';
import { post } from './tables.js';
import { all, type Work } from './work.js';

/**
 * Moves money of a payment back. In this demo it is the payer who asks for it. Belongs in a
 * transaction.
 *
 * @param amount - in minor units; null for all that is left
 * @throws LedgerInputError
 */
export function* refund(
  identity: RequestIdentity,
  paymentId: string,
  amount: number | null,
): Work<RefundOutcome> {
  if (amount !== null) checkAmount(amount);
  const { from, to } = yield* ownPayment(identity.caller, paymentId);
  yield* lockAccounts(from, to);
  // What was refunded meanwhile counts.
  const payment = yield* ownPayment(identity.caller, paymentId);
  const condition = 'refunds.caller = ? AND refunds.idempotency_key = ?';
  const [made] = yield* refundRows(condition, identity.caller, identity.key);
  if (made !== undefined) return again(made, paymentId, amount);
  const refunded = payment.refunds.reduce((sum, one) => sum + one.amount, 0);
  const left = payment.amount - refunded;
  const given = amount ?? left;
  if (given > left || left === 0) {
    return refused(
      'REFUND_EXCEEDS_PAYMENT',
      `Of this payment ${left} ${payment.currency} are left to refund, in minor units.`,
    );
  }
  const payee = yield* findAccount(to);
  if ((payee?.balance ?? 0) < given) {
    return refused('INSUFFICIENT_FUNDS', 'The payee cannot refund that much.');
  }
  const id = `ref_${randomUUID()}`;
  const createdAtMs = Date.now();
  yield* post(id, createdAtMs, [
    [to, -given],
    [from, given],
  ]);
  yield* all(
    `INSERT INTO refunds (id, caller, idempotency_key, payment_id, amount, created_at_ms)
     VALUES (?, ?, ?, ?, ?, ?)`,
    ...[id, identity.caller, identity.key, paymentId, given, createdAtMs],
  );
  const { currency } = payment;
  return { kind: 'refunded', refund: { id, paymentId, amount: given, currency, createdAtMs } };
}

function* ownPayment(caller: string, id: string): Work<PaymentRecord> {
  const payment = yield* findPayment(caller, id);
  if (payment === undefined) throw new LedgerInputError(`You have made no payment "${id}".`);
  return payment;
}

/** Only reached when the outcome has expired: it would have been found, and its arguments compared. */
function again(made: RefundRecord, paymentId: string, amount: number | null): RefundOutcome {
  if (made.paymentId === paymentId && (amount === null || made.amount === amount)) {
    return { kind: 'refunded', refund: made };
  }
  return refused(
    'KEY_ALREADY_USED',
    'There is a refund with this idempotency key and other details.',
  );
}
