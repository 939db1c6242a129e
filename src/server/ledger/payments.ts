import { randomUUID } from 'node:crypto';
import { findAccount, lockAccounts, ownAccount } from './accounts.js';
import {
  checkAmount,
  LedgerInputError,
  refused,
  type PaymentOrder,
  type PaymentOutcome,
  type PaymentRecord,
  type RequestIdentity,
} from './records.js';
import { refundRows } from './refund-rows.js';
import { post } from './tables.js';
import { all, first, type SqlRow, type Work } from './work.js';

const REFERENCE_LENGTH_MAX = 140;
const COLUMNS =
  'number, id, from_id AS "from", to_id AS "to", amount, currency, reference, created_at_ms AS "createdAtMs"';

/** A page of payments, newest first. */
export interface PaymentPage {
  readonly payments: readonly PaymentRecord[];
  readonly hasMore: boolean;
  /** The total number. */
  readonly totalCount: number;
}

/** A payment as its table has it. */
type Row = Omit<PaymentRecord, 'refunds'>;

/**
 * Moves money. Belongs in a transaction.
 *
 * @throws LedgerInputError
 */
export function* pay(identity: RequestIdentity, order: PaymentOrder): Work<PaymentOutcome> {
  const { from, to, amount, currency, reference } = order;
  checkOrder(order);
  yield* lockAccounts(from, to);
  const payer = yield* ownAccount(identity.caller, from);
  const payee = yield* findAccount(to);
  if (payee === undefined) throw new LedgerInputError(`There is no account "${to}".`);
  const made = yield* madeBy(identity);
  if (made !== undefined) return again(made, order);
  if (from === to) return { kind: 'declined', reason: 'SAME_ACCOUNT' };
  if (payer.currency !== currency || payee.currency !== currency) {
    return { kind: 'declined', reason: 'CURRENCY_MISMATCH' };
  }
  if (payer.balance < amount) return { kind: 'declined', reason: 'INSUFFICIENT_FUNDS' };
  const id = `pay_${randomUUID()}`;
  const createdAtMs = Date.now();
  yield* post(id, createdAtMs, [
    [from, -amount],
    [to, amount],
  ]);
  yield* all(
    `INSERT INTO payments (id, caller, idempotency_key, from_id, to_id, amount, currency,
       reference, created_at_ms) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    ...[id, identity.caller, identity.key, from, to, amount, currency, reference, createdAtMs],
  );
  const payment = yield* madeBy(identity);
  if (payment === undefined) throw new Error('The payment was not written.');
  return { kind: 'paid', payment };
}

/** A payment that the caller made. */
export function* findPayment(caller: string, id: string): Work<PaymentRecord | undefined> {
  const sql = `SELECT ${COLUMNS} FROM payments WHERE id = ? AND caller = ?`;
  return yield* complete(yield* first(sql, id, caller));
}

/**
 * A page of the caller's payments.
 *
 * @param before - the number of the payment after which the page starts
 */
export function* paymentPage(
  caller: string,
  size: number,
  before = Number.MAX_SAFE_INTEGER,
): Work<PaymentPage> {
  const rows = (yield* all(
    `SELECT ${COLUMNS} FROM payments WHERE caller = ? AND number < ? ORDER BY number DESC LIMIT ?`,
    ...[caller, before, size + 1],
  )) as unknown as readonly Row[];
  const counted = yield* first('SELECT count(*) AS total FROM payments WHERE caller = ?', caller);
  const shown = rows.slice(0, size);
  const marks = shown.map(() => '?').join(', ');
  const refunds =
    shown.length === 0
      ? []
      : yield* refundRows(`payment_id IN (${marks})`, ...shown.map(({ id }) => id));
  return {
    payments: shown.map((row) => ({
      ...row,
      refunds: refunds.filter(({ paymentId }) => paymentId === row.id),
    })),
    hasMore: rows.length > size,
    totalCount: Number(counted?.['total']),
  };
}

function* madeBy({ caller, key }: RequestIdentity): Work<PaymentRecord | undefined> {
  const sql = `SELECT ${COLUMNS} FROM payments WHERE caller = ? AND idempotency_key = ?`;
  return yield* complete(yield* first(sql, caller, key));
}

function* complete(found: SqlRow | undefined): Work<PaymentRecord | undefined> {
  if (found === undefined) return undefined;
  const row = found as unknown as Row;
  return { ...row, refunds: yield* refundRows('payment_id = ?', row.id) };
}

function checkOrder({ amount, reference }: PaymentOrder): void {
  checkAmount(amount);
  if (reference !== null && reference.length > REFERENCE_LENGTH_MAX) {
    throw new LedgerInputError(
      `The reference can have at most ${REFERENCE_LENGTH_MAX} characters.`,
    );
  }
}

/** Only reached when the outcome has expired: it would have been found, and its arguments compared. */
function again(payment: PaymentRecord, order: PaymentOrder): PaymentOutcome {
  const same = (['from', 'to', 'amount', 'currency', 'reference'] as const).every(
    (name) => payment[name] === order[name],
  );
  if (same) return { kind: 'paid', payment };
  return refused(
    'KEY_ALREADY_USED',
    'There is a payment with this idempotency key and other details.',
  );
}
