import type { Execution } from 'graphql-idempotency';
import { fromLibsql, outcomeTable } from 'graphql-idempotency/database';
import Libsql from 'libsql';

/** A payment that was made. */
export interface Payment {
  readonly kind: 'Payment';
  readonly id: string;
  readonly amount: number;
  readonly at: Date;
}

/** A payment that was turned down. */
export interface Declined {
  readonly kind: 'Declined';
  readonly reason: string;
}

/** The answer to a payment, the union of GraphQL. */
export type PayResult = Payment | Declined;

const AMOUNT_MAX = 1_000;

/** The payments of all callers, in SQLite: in memory, and gone with the process. */
export class Ledger {
  readonly #file = new Libsql(':memory:');
  readonly #database = fromLibsql(this.#file);

  constructor() {
    this.#file.exec(`${outcomeTable('sqlite', 'graphql_idempotency')}
      CREATE TABLE payments (
        id INTEGER PRIMARY KEY, caller TEXT NOT NULL, amount INTEGER NOT NULL, at TEXT NOT NULL
      );
      CREATE TABLE closed_accounts (caller TEXT PRIMARY KEY);`);
  }

  /** Commits a payment together with its answer: whatever happens, there is one of each. */
  pay(execution: Execution | undefined, caller: string, amount: number): Promise<PayResult> {
    if (execution === undefined) throw new Error('A payment needs a key.');
    return execution.transaction(this.#database, (transaction): PayResult => {
      if (amount > AMOUNT_MAX) return { kind: 'Declined', reason: 'TOO_MUCH' };
      const at = new Date();
      const { lastInsertRowid } = transaction
        .prepare('INSERT INTO payments (caller, amount, at) VALUES (?, ?, ?)')
        .run(caller, amount, at.toISOString());
      return { kind: 'Payment', id: String(lastInsertRowid), amount, at };
    });
  }

  /** The number of a caller's payments. */
  countPayments(caller: string): number {
    return this.#file.prepare('SELECT id FROM payments WHERE caller = ?').all(caller).length;
  }

  /** What the guard asks. */
  isOpen(caller: string): boolean {
    const rows = this.#file
      .prepare('SELECT caller FROM closed_accounts WHERE caller = ?')
      .all(caller);
    return caller !== '' && rows.length === 0;
  }

  closeAccount(caller: string): boolean {
    this.#file.prepare('INSERT OR IGNORE INTO closed_accounts (caller) VALUES (?)').run(caller);
    return true;
  }
}
