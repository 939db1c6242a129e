import { randomUUID } from 'node:crypto';
import type { Accounts } from './accounts.js';
import type { Database } from './database.js';
import {
  checkAmount,
  LedgerInputError,
  LedgerRefusal,
  type PaymentOrder,
  type PaymentOutcome,
  type PaymentRecord,
  type RequestIdentity,
} from './records.js';
import { refundRows } from './refund-rows.js';
import { post } from './tables.js';

const REFERENCE_LENGTH_MAX = 140;
const COLUMNS =
  'number, id, from_id AS "from", to_id AS "to", amount, currency, reference, created_at_ms AS createdAtMs';

/** A page of payments, newest first. */
export interface PaymentPage {
  readonly payments: readonly PaymentRecord[];
  readonly hasMore: boolean;
  /** How many there are in all. */
  readonly totalCount: number;
}

/** The payments of the ledger. Callers see only their own. */
export interface Payments {
  /**
   * Moves money, once for each (caller, key): a second order of the same request gets the payment
   * that the first one made.
   *
   * @throws LedgerInputError, LedgerRefusal
   */
  pay(identity: RequestIdentity, order: PaymentOrder): PaymentOutcome;
  find(caller: string, id: string): PaymentRecord | undefined;
  /** The payment that a request made, if it made one. */
  madeBy(identity: RequestIdentity): PaymentRecord | undefined;
  /** @param before - the number of the payment after which the page starts */
  page(caller: string, first: number, before: number | undefined): PaymentPage;
}

/** The payments in a database. */
export function createPayments(
  database: Database,
  accounts: Accounts,
  nowMs: () => number,
): Payments {
  type Row = Omit<PaymentRecord, 'refunds'>;

  function complete(row: Row): PaymentRecord {
    return { ...row, refunds: refundRows(database, 'payment_id = ?', row.id) };
  }

  function madeBy({ caller, key }: RequestIdentity): PaymentRecord | undefined {
    const sql = `SELECT ${COLUMNS} FROM payments WHERE caller = ? AND idempotency_key = ?`;
    const row = database.first(sql, caller, key) as Row | undefined;
    return row && complete(row);
  }

  return {
    pay(identity, order) {
      const { from, to, amount, currency, reference } = order;
      checkOrder(order);
      return database.transact(() => {
        const payer = accounts.own(identity.caller, from);
        const payee = accounts.find(to);
        if (payee === undefined) throw new LedgerInputError(`There is no account "${to}".`);
        const made = madeBy(identity);
        if (made !== undefined) return { kind: 'paid', payment: sameOrder(made, order) };
        if (from === to) return { kind: 'declined', reason: 'SAME_ACCOUNT' };
        if (payer.currency !== currency || payee.currency !== currency) {
          return { kind: 'declined', reason: 'CURRENCY_MISMATCH' };
        }
        if (payer.balance < amount) return { kind: 'declined', reason: 'INSUFFICIENT_FUNDS' };
        const id = `pay_${randomUUID()}`;
        const createdAtMs = nowMs();
        post(database, id, createdAtMs, [
          [from, -amount],
          [to, amount],
        ]);
        database.run(
          `INSERT INTO payments (id, caller, idempotency_key, from_id, to_id, amount, currency,
             reference, created_at_ms) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`,
          ...[
            id,
            identity.caller,
            identity.key,
            from,
            to,
            amount,
            currency,
            reference,
            createdAtMs,
          ],
        );
        const payment = madeBy(identity);
        if (payment === undefined) throw new Error('The payment was not written.');
        return { kind: 'paid', payment };
      });
    },
    find(caller, id) {
      const sql = `SELECT ${COLUMNS} FROM payments WHERE id = ? AND caller = ?`;
      const row = database.first(sql, id, caller) as Row | undefined;
      return row && complete(row);
    },
    madeBy,
    page(caller, first, before = Number.MAX_SAFE_INTEGER) {
      const rows = database.all(
        `SELECT ${COLUMNS} FROM payments WHERE caller = ? AND number < ?
         ORDER BY number DESC LIMIT ?`,
        ...[caller, before, first + 1],
      ) as Row[];
      const { total } = database.first(
        'SELECT count(*) AS total FROM payments WHERE caller = ?',
        caller,
      ) as { total: number };
      return {
        payments: rows.slice(0, first).map(complete),
        hasMore: rows.length > first,
        totalCount: total,
      };
    },
  };
}

function checkOrder({ amount, reference }: PaymentOrder): void {
  checkAmount(amount);
  if (reference !== null && reference.length > REFERENCE_LENGTH_MAX) {
    throw new LedgerInputError(
      `The reference can have at most ${REFERENCE_LENGTH_MAX} characters.`,
    );
  }
}

/** Only reached if the idempotency record is gone: it would have compared the arguments before. */
function sameOrder(made: PaymentRecord, order: PaymentOrder): PaymentRecord {
  const same = (['from', 'to', 'amount', 'currency', 'reference'] as const).every(
    (name) => made[name] === order[name],
  );
  if (same) return made;
  throw new LedgerRefusal(
    'KEY_ALREADY_USED',
    'There is a payment with this idempotency key and other details.',
  );
}
