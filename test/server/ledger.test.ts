import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findAccount, renameAccount } from '../../src/server/ledger/accounts.js';
import type { LedgerDatabase } from '../../src/server/ledger/ledger-database.js';
import { openLedger } from '../../src/server/ledger/ledger.js';
import { findPayment, pay, paymentPage } from '../../src/server/ledger/payments.js';
import {
  LedgerInputError,
  type PaymentOutcome,
  type RefundOutcome,
} from '../../src/server/ledger/records.js';
import { refund } from '../../src/server/ledger/refunds.js';
import { all } from '../../src/server/ledger/work.js';
import { startPostgres, type PostgresServer } from '../support/postgres-server.js';
import { ORDER } from './start.js';

const order = { ...ORDER, reference: null };
const ALICE = { caller: 'alice', key: 'k1' };

describe.each(['SQLite', 'PostgreSQL'] as const)('the ledger in %s', (where) => {
  let postgres: PostgresServer | undefined;
  let folder: string;
  let ledger: LedgerDatabase;
  let databases = 0;
  let place: Parameters<typeof openLedger>[0];

  beforeAll(async () => {
    if (where === 'PostgreSQL') postgres = await startPostgres();
  });
  afterAll(() => postgres?.stop());
  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), 'ledger-'));
    const databaseFile = join(folder, 'new', 'payments.db');
    databases += 1;
    const name = `ledger_${String(databases)}`;
    await postgres?.query(`CREATE DATABASE ${name}`);
    place = { databaseUrl: postgres?.url.replace(/\/postgres$/, `/${name}`), databaseFile };
    ledger = await openLedger(place);
  });
  afterEach(async () => {
    await ledger.close();
    rmSync(folder, { recursive: true });
  });

  const payAs = (identity = ALICE, what: typeof order | object = {}): Promise<PaymentOutcome> =>
    ledger.write(pay(identity, { ...order, ...what }));

  const refundAs = (
    paymentId: string,
    amount: number | null,
    identity = ALICE,
  ): Promise<RefundOutcome> => ledger.write(refund(identity, paymentId, amount));

  const idOf = (outcome: PaymentOutcome): string =>
    outcome.kind === 'paid' ? outcome.payment.id : '';

  it('keeps what it holds when it is opened again', async () => {
    await payAs();
    await ledger.close();
    ledger = await openLedger(place);
    expect((await ledger.read(paymentPage('alice', 10))).totalCount).toBe(1);
    const account = await ledger.read(findAccount('acct_alice_eur'));
    expect(account?.balance).toBe(1_000_000 - 1_250);
  });

  it('is made once by servers that start at the same time', async () => {
    const others = await Promise.all([openLedger(place), openLedger(place), openLedger(place)]);
    const page = await ledger.read(all("SELECT id FROM journal WHERE id LIKE 'open_%'"));
    expect(page).toHaveLength(9);
    await Promise.all(others.map((other) => other.close()));
  });

  it('pays once for one (caller, key), although nothing else remembers the request', async () => {
    const first = await payAs();
    expect(await payAs()).toEqual(first);
    expect(await payAs(ALICE, { amount: 1 })).toMatchObject({ code: 'KEY_ALREADY_USED' });
    const refunded = await refundAs(idOf(first), 250);
    expect(await refundAs(idOf(first), 250)).toEqual(refunded);
    expect(await refundAs(idOf(first), 5)).toMatchObject({ code: 'KEY_ALREADY_USED' });
  });

  it('balances: every journal line adds up to 0, every account to its entries', async () => {
    for (let index = 1; index <= 20; index += 1) {
      const identity = { caller: 'alice', key: String(index) };
      const outcome = await payAs(identity, { amount: 100_000 * index });
      if (outcome.kind === 'paid' && index % 2 === 0) await refundAs(idOf(outcome), 7, identity);
    }
    await expect(payAs({ caller: 'bob', key: 'k' })).rejects.toThrow(LedgerInputError);
    const off = await ledger.read(
      all(
        `SELECT journal_id FROM entries GROUP BY journal_id HAVING sum(amount) <> 0
         UNION ALL
         SELECT id FROM accounts LEFT JOIN entries ON account_id = id
         GROUP BY id, balance HAVING balance <> coalesce(sum(amount), 0)`,
      ),
    );
    expect(off).toEqual([]);
  });

  it('never spends or refunds money twice, whatever happens at the same time', async () => {
    const first = idOf(await payAs(ALICE, { amount: 400_000 }));
    const outcomes = await Promise.all([
      ...Array.from({ length: 8 }, (_, index) =>
        payAs({ caller: 'alice', key: `p${String(index)}` }, { amount: 150_000 }),
      ),
      ...Array.from({ length: 8 }, (_, index) =>
        payAs(
          { caller: 'bob', key: `b${String(index)}` },
          { from: ORDER.to, to: ORDER.from, amount: 10 },
        ),
      ),
    ]);
    const kinds = outcomes.slice(0, 8).map(({ kind }) => kind);
    expect(kinds.filter((kind) => kind === 'paid')).toHaveLength(4);
    expect(kinds.filter((kind) => kind === 'declined')).toHaveLength(4);
    const refunds = await Promise.all(
      Array.from({ length: 5 }, (_, index) =>
        refundAs(first, 150_000, { caller: 'alice', key: `r${String(index)}` }),
      ),
    );
    expect(refunds.filter(({ kind }) => kind === 'refunded')).toHaveLength(2);
    expect((await ledger.read(findPayment('alice', first)))?.refunds).toHaveLength(2);
  });

  it('refuses a refund that the payee cannot give', async () => {
    const paymentId = idOf(await payAs(ALICE, { amount: 500_000 }));
    const onward = { from: order.to, to: 'acct_carol_eur', amount: 1_400_000 };
    await payAs({ caller: 'bob', key: 'k1' }, onward);
    expect(await refundAs(paymentId, null)).toMatchObject({ code: 'INSUFFICIENT_FUNDS' });
    await expect(refundAs('pay_x', null)).rejects.toThrow(LedgerInputError);
    await expect(refundAs(paymentId, 0)).rejects.toThrow(LedgerInputError);
  });

  it('pages through payments with their refunds, newest first', async () => {
    const ids: string[] = [];
    for (let index = 0; index < 3; index += 1) {
      ids.unshift(idOf(await payAs({ caller: 'alice', key: String(index) })));
    }
    await refundAs(ids[1] ?? '', 5);
    const page = await ledger.read(paymentPage('alice', 2));
    expect(page).toMatchObject({ hasMore: true, totalCount: 3 });
    expect(page.payments.map(({ id }) => id)).toEqual(ids.slice(0, 2));
    expect(page.payments.map(({ refunds }) => refunds.length)).toEqual([0, 1]);
    const rest = await ledger.read(paymentPage('alice', 2, page.payments[1]?.number));
    expect(rest.payments.map(({ id }) => id)).toEqual(ids.slice(2));
    expect((await ledger.read(paymentPage('carol', 2))).payments).toEqual([]);
  });

  it('renames an account of the caller', async () => {
    const renamed = await ledger.write(renameAccount('alice', 'acct_alice_eur', 'Rent'));
    expect(renamed.name).toBe('Rent');
    const stranger = ledger.write(renameAccount('bob', 'acct_alice_eur', 'Mine'));
    await expect(stranger).rejects.toThrow(LedgerInputError);
  });
});

it('the ledger says so when its database is not to be had', async () => {
  const place = { databaseUrl: 'postgres://test@127.0.0.1:1/none', databaseFile: ':memory:' };
  await expect(openLedger(place)).rejects.toThrow(/ECONNREFUSED/);
});
