import { randomUUID } from 'node:crypto';
import type { Accounts } from './accounts.js';
import type { Database } from './database.js';
import type { Payments } from './payments.js';
import {
  checkAmount,
  LedgerInputError,
  LedgerRefusal,
  type RefundRecord,
  type RequestIdentity,
} from './records.js';
import { refundRows } from './refund-rows.js';
import { post } from './tables.js';

/** The refunds of the ledger. */
export interface Refunds {
  /**
   * Moves money of a payment back, once for each (caller, key). In this demo it is the payer who
   * asks for it.
   *
   * @param amount - in minor units; null for all that is left
   * @throws LedgerInputError, LedgerRefusal
   */
  refund(identity: RequestIdentity, paymentId: string, amount: number | null): RefundRecord;
}

/** The refunds in a database. */
export function createRefunds(
  database: Database,
  accounts: Accounts,
  payments: Payments,
  nowMs: () => number,
): Refunds {
  return {
    refund(identity, paymentId, amount) {
      if (amount !== null) checkAmount(amount);
      return database.transact(() => {
        const payment = payments.find(identity.caller, paymentId);
        if (payment === undefined) {
          throw new LedgerInputError(`You have made no payment "${paymentId}".`);
        }
        const made = madeBy(database, identity);
        if (made !== undefined) return sameRefund(made, paymentId, amount);
        const refunded = payment.refunds.reduce((sum, refund) => sum + refund.amount, 0);
        const left = payment.amount - refunded;
        const given = amount ?? left;
        if (given > left || left === 0) {
          throw new LedgerRefusal(
            'REFUND_EXCEEDS_PAYMENT',
            `Of this payment ${left} ${payment.currency} are left to refund, in minor units.`,
          );
        }
        if ((accounts.find(payment.to)?.balance ?? 0) < given) {
          throw new LedgerRefusal('INSUFFICIENT_FUNDS', 'The payee cannot refund that much.');
        }
        const id = `ref_${randomUUID()}`;
        const createdAtMs = nowMs();
        post(database, id, createdAtMs, [
          [payment.to, -given],
          [payment.from, given],
        ]);
        database.run(
          `INSERT INTO refunds (id, caller, idempotency_key, payment_id, amount, created_at_ms)
           VALUES (?, ?, ?, ?, ?, ?)`,
          ...[id, identity.caller, identity.key, paymentId, given, createdAtMs],
        );
        return { id, paymentId, amount: given, currency: payment.currency, createdAtMs };
      });
    },
  };
}

function madeBy(database: Database, { caller, key }: RequestIdentity): RefundRecord | undefined {
  const condition = 'refunds.caller = ? AND refunds.idempotency_key = ?';
  return refundRows(database, condition, caller, key)[0];
}

/** Only reached if the idempotency record is gone: it would have compared the arguments before. */
function sameRefund(made: RefundRecord, paymentId: string, amount: number | null): RefundRecord {
  if (made.paymentId === paymentId && (amount === null || made.amount === amount)) return made;
  throw new LedgerRefusal(
    'KEY_ALREADY_USED',
    'There is a refund with this idempotency key and other details.',
  );
}
