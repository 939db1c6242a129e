import { outcomeTable } from '../../stores/database/index.js';
import type { LedgerDialect } from './ledger-database.js';
import { all, first, type Work } from './work.js';

/** The currencies of the demo. Amounts are in minor units: cents, pence. */
const CURRENCIES = ['EUR', 'GBP', 'USD'] as const;
export type CurrencyCode = (typeof CURRENCIES)[number];

/** The callers that the demo knows. */
export const USERS = ['alice', 'bob', 'carol'] as const;
export type UserName = (typeof USERS)[number];

/** The opening balance of every account, in minor units. */
const OPENING_BALANCE = 1_000_000;
/** The library's table, by its usual name. */
const OUTCOMES = 'graphql_idempotency';
/** Any number that other programs in the same database do not lock. */
const PREPARING = 72_301_944;

/**
 * Double entry: every movement of money is a journal line with entries that add up to zero, and an
 * account's balance is the sum of its entries. The balance column keeps that sum at hand; both
 * change in one transaction.
 *
 * The unique indexes on (caller, idempotency_key) outlive the outcomes: a key that is sent again after
 * those have expired finds the payment that it made.
 */
function tables(dialect: LedgerDialect): string {
  const postgres = dialect === 'postgres';
  const whole = postgres ? 'bigint' : 'INTEGER';
  const numbered = postgres
    ? 'bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY'
    : 'INTEGER PRIMARY KEY AUTOINCREMENT';
  const strict = postgres ? '' : 'STRICT';
  return /* sql */ `
  CREATE TABLE IF NOT EXISTS accounts (
    id TEXT PRIMARY KEY,
    owner TEXT NOT NULL,
    currency TEXT NOT NULL,
    name TEXT NOT NULL,
    balance ${whole} NOT NULL DEFAULT 0 CHECK (balance >= 0 OR owner = 'bank')
  ) ${strict};

  CREATE TABLE IF NOT EXISTS journal (
    id TEXT PRIMARY KEY,
    created_at_ms ${whole} NOT NULL
  ) ${strict};

  CREATE TABLE IF NOT EXISTS entries (
    journal_id TEXT NOT NULL REFERENCES journal (id),
    account_id TEXT NOT NULL REFERENCES accounts (id),
    amount ${whole} NOT NULL
  ) ${strict};

  CREATE TABLE IF NOT EXISTS payments (
    number ${numbered},
    id TEXT NOT NULL UNIQUE REFERENCES journal (id),
    caller TEXT NOT NULL,
    idempotency_key TEXT NOT NULL,
    from_id TEXT NOT NULL REFERENCES accounts (id),
    to_id TEXT NOT NULL REFERENCES accounts (id),
    amount ${whole} NOT NULL CHECK (amount > 0),
    currency TEXT NOT NULL,
    reference TEXT,
    created_at_ms ${whole} NOT NULL,
    UNIQUE (caller, idempotency_key)
  ) ${strict};

  CREATE TABLE IF NOT EXISTS refunds (
    number ${numbered},
    id TEXT NOT NULL UNIQUE REFERENCES journal (id),
    caller TEXT NOT NULL,
    idempotency_key TEXT NOT NULL,
    payment_id TEXT NOT NULL REFERENCES payments (id),
    amount ${whole} NOT NULL CHECK (amount > 0),
    created_at_ms ${whole} NOT NULL,
    UNIQUE (caller, idempotency_key)
  ) ${strict};

  CREATE INDEX IF NOT EXISTS entries_by_account ON entries (account_id);
  CREATE INDEX IF NOT EXISTS refunds_by_payment ON refunds (payment_id);
`;
}

/** The id of a user's account. */
function accountId(user: string, currency: CurrencyCode): string {
  return `acct_${user}_${currency.toLowerCase()}`;
}

/** Creates what is missing: tables, and the accounts with their opening balances. */
export function* prepareTables(dialect: LedgerDialect, nowMs: number): Work<void> {
  // Two servers that start at once would both create what is missing.
  if (dialect === 'postgres') yield* all('SELECT pg_advisory_xact_lock(?)', PREPARING);
  yield* create(tables(dialect));
  if ((yield* first(lookUp(dialect), OUTCOMES)) === undefined) {
    yield* create(outcomeTable(dialect, OUTCOMES));
  }
  for (const currency of CURRENCIES) yield* openAccounts(currency, nowMs);
}

function* create(statements: string): Work<void> {
  for (const statement of statements.split(';')) {
    if (statement.trim() !== '') yield* all(statement);
  }
}

/** The library's statements create its table without asking, as a migration would. */
function lookUp(dialect: LedgerDialect): string {
  return dialect === 'postgres'
    ? 'SELECT 1 FROM pg_tables WHERE schemaname = current_schema() AND tablename = ?'
    : "SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = ?";
}

function* openAccounts(currency: CurrencyCode, nowMs: number): Work<void> {
  const bank = accountId('bank', currency);
  const found = yield* first('SELECT 1 FROM accounts WHERE id = ?', bank);
  if (found !== undefined) return;
  const insert = 'INSERT INTO accounts (id, owner, currency, name) VALUES (?, ?, ?, ?)';
  yield* all(insert, bank, 'bank', currency, 'Opening balances');
  for (const user of USERS) {
    const id = accountId(user, currency);
    yield* all(insert, id, user, currency, `${currency} account`);
    yield* post(`open_${id}`, nowMs, [
      [bank, -OPENING_BALANCE],
      [id, OPENING_BALANCE],
    ]);
  }
}

/** Writes a journal line. The entries must add up to zero; it belongs in a transaction. */
export function* post(
  journalId: string,
  createdAtMs: number,
  entries: readonly (readonly [accountId: string, amount: number])[],
): Work<void> {
  const sum = entries.reduce((total, [, amount]) => total + amount, 0);
  if (sum !== 0) throw new Error(`The entries of ${journalId} add up to ${sum}.`);
  yield* all('INSERT INTO journal (id, created_at_ms) VALUES (?, ?)', journalId, createdAtMs);
  for (const [id, amount] of entries) {
    const insert = 'INSERT INTO entries (journal_id, account_id, amount) VALUES (?, ?, ?)';
    yield* all(insert, journalId, id, amount);
    yield* all('UPDATE accounts SET balance = balance + ? WHERE id = ?', amount, id);
  }
}
