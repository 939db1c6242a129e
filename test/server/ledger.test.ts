import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openDatabase } from '../../src/server/ledger/database.js';
import { openLedger } from '../../src/server/ledger/ledger.js';
import { LedgerInputError, LedgerRefusal } from '../../src/server/ledger/records.js';
import { ORDER } from './start.js';

const order = { ...ORDER, reference: null };

describe('the ledger', () => {
  let folder: string;
  let file: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'ledger-'));
    file = join(folder, 'new', 'payments.db');
  });
  afterEach(() => {
    rmSync(folder, { recursive: true });
  });

  it('makes its folder, and keeps what it holds when it is opened again', () => {
    const first = openLedger(file);
    first.payments.pay({ caller: 'alice', key: 'k1' }, order);
    first.close();
    const second = openLedger(file);
    expect(second.payments.page('alice', 10, undefined).totalCount).toBe(1);
    expect(second.accounts.find('acct_alice_eur')?.balance).toBe(1_000_000 - 1_250);
    second.close();
  });

  it('pays once for one (caller, key), although nothing else remembers the request', () => {
    const ledger = openLedger(file);
    const identity = { caller: 'alice', key: 'k1' };
    const first = ledger.payments.pay(identity, order);
    expect(ledger.payments.pay(identity, order)).toEqual(first);
    expect(() => ledger.payments.pay(identity, { ...order, amount: 1 })).toThrow(LedgerRefusal);
    const paymentId = first.kind === 'paid' ? first.payment.id : '';
    const refund = ledger.refunds.refund(identity, paymentId, 250);
    expect(ledger.refunds.refund(identity, paymentId, 250)).toEqual(refund);
    expect(() => ledger.refunds.refund(identity, paymentId, 5)).toThrow(LedgerRefusal);
    ledger.close();
  });

  it('balances: every journal line adds up to 0, every account to its entries', () => {
    const ledger = openLedger(file);
    for (let index = 1; index <= 20; index += 1) {
      const identity = { caller: 'alice', key: String(index) };
      const outcome = ledger.payments.pay(identity, { ...order, amount: 100_000 * index });
      if (outcome.kind === 'paid' && index % 2 === 0) {
        ledger.refunds.refund(identity, outcome.payment.id, 7);
      }
    }
    const payee = { caller: 'bob', key: 'k' };
    expect(() => ledger.payments.pay(payee, order)).toThrow(LedgerInputError);
    ledger.close();
    const database = openDatabase(file);
    const off = database.all(
      `SELECT journal_id FROM entries GROUP BY journal_id HAVING sum(amount) <> 0
       UNION ALL
       SELECT id FROM accounts LEFT JOIN entries ON account_id = id
       GROUP BY id HAVING balance <> coalesce(sum(amount), 0)`,
    );
    expect(off).toEqual([]);
    database.close();
  });

  it('refuses a refund that the payee cannot give', () => {
    const ledger = openLedger(file);
    const identity = { caller: 'alice', key: 'k1' };
    const paid = ledger.payments.pay(identity, { ...order, amount: 500_000 });
    const onward = { ...order, from: order.to, to: 'acct_carol_eur', amount: 1_400_000 };
    ledger.payments.pay({ caller: 'bob', key: 'k1' }, onward);
    const paymentId = paid.kind === 'paid' ? paid.payment.id : '';
    expect(() => ledger.refunds.refund(identity, paymentId, null)).toThrow(
      'cannot refund that much',
    );
    expect(() => ledger.refunds.refund(identity, 'pay_x', null)).toThrow(LedgerInputError);
    expect(() => ledger.refunds.refund(identity, paymentId, 0)).toThrow(LedgerInputError);
    ledger.close();
  });
});
