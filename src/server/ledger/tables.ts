import type { Database } from './database.js';

/** The currencies of the demo. Amounts are in minor units: cents, pence. */
const CURRENCIES = ['EUR', 'GBP', 'USD'] as const;
export type CurrencyCode = (typeof CURRENCIES)[number];

/** The callers that the demo knows. */
export const USERS = ['alice', 'bob', 'carol'] as const;
export type UserName = (typeof USERS)[number];

/** What every account starts with, in minor units. */
const OPENING_BALANCE = 1_000_000;

/**
 * Double entry: every movement of money is a journal line with entries that add up to zero, and an
 * account's balance is the sum of its entries. The balance column keeps that sum at hand; both
 * change in one transaction.
 *
 * The unique indexes on (caller, idempotency_key) are the second line of defence: should the record
 * of a request ever be lost, its effect still happens once.
 */
const TABLES = /* sql */ `
  CREATE TABLE IF NOT EXISTS accounts (
    id TEXT PRIMARY KEY,
    owner TEXT NOT NULL,
    currency TEXT NOT NULL,
    name TEXT NOT NULL,
    balance INTEGER NOT NULL DEFAULT 0 CHECK (balance >= 0 OR owner = 'bank')
  ) STRICT;

  CREATE TABLE IF NOT EXISTS journal (
    id TEXT PRIMARY KEY,
    created_at_ms INTEGER NOT NULL
  ) STRICT;

  CREATE TABLE IF NOT EXISTS entries (
    journal_id TEXT NOT NULL REFERENCES journal (id),
    account_id TEXT NOT NULL REFERENCES accounts (id),
    amount INTEGER NOT NULL
  ) STRICT;

  CREATE TABLE IF NOT EXISTS payments (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    id TEXT NOT NULL UNIQUE REFERENCES journal (id),
    caller TEXT NOT NULL,
    idempotency_key TEXT NOT NULL,
    from_id TEXT NOT NULL REFERENCES accounts (id),
    to_id TEXT NOT NULL REFERENCES accounts (id),
    amount INTEGER NOT NULL CHECK (amount > 0),
    currency TEXT NOT NULL,
    reference TEXT,
    created_at_ms INTEGER NOT NULL,
    UNIQUE (caller, idempotency_key)
  ) STRICT;

  CREATE TABLE IF NOT EXISTS refunds (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    id TEXT NOT NULL UNIQUE REFERENCES journal (id),
    caller TEXT NOT NULL,
    idempotency_key TEXT NOT NULL,
    payment_id TEXT NOT NULL REFERENCES payments (id),
    amount INTEGER NOT NULL CHECK (amount > 0),
    created_at_ms INTEGER NOT NULL,
    UNIQUE (caller, idempotency_key)
  ) STRICT;

  CREATE INDEX IF NOT EXISTS entries_by_account ON entries (account_id);
  CREATE INDEX IF NOT EXISTS refunds_by_payment ON refunds (payment_id);
`;

/** The id of a user's account. */
function accountId(user: string, currency: CurrencyCode): string {
  return `acct_${user}_${currency.toLowerCase()}`;
}

/** Creates what is missing: tables, and the accounts with their opening balances. */
export function prepareTables(database: Database, nowMs: number): void {
  database.transact(() => {
    for (const statement of TABLES.split(';')) {
      if (statement.trim() !== '') database.run(statement);
    }
    for (const currency of CURRENCIES) openAccounts(database, currency, nowMs);
  });
}

function openAccounts(database: Database, currency: CurrencyCode, nowMs: number): void {
  const bank = accountId('bank', currency);
  const exists = database.first('SELECT 1 FROM accounts WHERE id = ?', bank) !== undefined;
  if (exists) return;
  const insert = 'INSERT INTO accounts (id, owner, currency, name) VALUES (?, ?, ?, ?)';
  database.run(insert, bank, 'bank', currency, 'Opening balances');
  for (const user of USERS) {
    const id = accountId(user, currency);
    database.run(insert, id, user, currency, `${currency} account`);
    post(database, `open_${id}`, nowMs, [
      [bank, -OPENING_BALANCE],
      [id, OPENING_BALANCE],
    ]);
  }
}

/** Writes a journal line. The entries must add up to zero; call it within a transaction. */
export function post(
  database: Database,
  journalId: string,
  createdAtMs: number,
  entries: readonly (readonly [accountId: string, amount: number])[],
): void {
  const sum = entries.reduce((total, [, amount]) => total + amount, 0);
  if (sum !== 0) throw new Error(`The entries of ${journalId} add up to ${sum}.`);
  database.run('INSERT INTO journal (id, created_at_ms) VALUES (?, ?)', journalId, createdAtMs);
  for (const [id, amount] of entries) {
    const insert = 'INSERT INTO entries (journal_id, account_id, amount) VALUES (?, ?, ?)';
    database.run(insert, journalId, id, amount);
    database.run('UPDATE accounts SET balance = balance + ? WHERE id = ?', amount, id);
  }
}
