import type { IdempotentDatabase } from '../../stores/database/index.js';
import type { Perform, Work } from './work.js';

/** The databases that the ledger can be in. */
export type LedgerDialect = 'postgres' | 'sqlite';

/** The database of the ledger. */
export interface LedgerDatabase {
  readonly dialect: LedgerDialect;
  /** For the start-up line, without a password. */
  readonly description: string;
  /**
   * The database for `execution.transaction`, whose body gets a function that works in the transaction.
   */
  readonly transactions: IdempotentDatabase<Perform>;
  /** Does work that changes nothing. */
  read<T>(work: Work<T>): Promise<T>;
  /** Does work in a transaction of its own, for mutations that are safe to repeat. */
  write<T>(work: Work<T>): Promise<T>;
  close(): Promise<void>;
}

/** An adapter of the library whose bodies get what does work, in place of the driver's transaction. */
export function performing<TTransaction>(
  database: IdempotentDatabase<TTransaction>,
  performIn: (transaction: TTransaction) => Perform,
): IdempotentDatabase<Perform> {
  return {
    ...database,
    run: (body, options) =>
      database.run(
        ({ transaction, query }) => body({ transaction: performIn(transaction), query }),
        options,
      ),
  };
}

/** Does work in a transaction of its own. */
export async function writeThrough<T>(
  database: IdempotentDatabase<Perform>,
  work: Work<T>,
): Promise<T> {
  const options = { isolation: undefined, timeoutMs: 60_000, waitMs: 5_000 };
  return database.run(({ transaction }) => transaction(work), options);
}
