import { createAccounts, type Accounts } from './accounts.js';
import { openDatabase } from './database.js';
import { createPayments, type Payments } from './payments.js';
import { createRefunds, type Refunds } from './refunds.js';
import { prepareTables } from './tables.js';

/** A double-entry ledger in a SQLite database. */
export interface Ledger {
  readonly accounts: Accounts;
  readonly payments: Payments;
  readonly refunds: Refunds;
  close(): void;
}

/** Opens the ledger in a file, or in memory with `:memory:`, and creates what is missing. */
export function openLedger(file: string, nowMs: () => number = Date.now): Ledger {
  const database = openDatabase(file);
  prepareTables(database, nowMs());
  const accounts = createAccounts(database);
  const payments = createPayments(database, accounts, nowMs);
  const refunds = createRefunds(database, accounts, payments, nowMs);
  return {
    accounts,
    payments,
    refunds,
    close() {
      database.close();
    },
  };
}
