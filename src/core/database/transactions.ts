import type { Execution } from '../engine/attempt/execution.js';
import type { IdempotentDatabase } from './idempotent-database.js';
import { TABLE_RECORD_ID_LENGTH_MAX } from './outcome-table.js';
import { Transaction } from './transaction.js';
import {
  transactionSettings,
  type TransactionBody,
  type TransactionOptions,
} from './transaction-options.js';
import type { TransactionOwner } from './transaction-owner.js';

const DIALECTS: readonly unknown[] = ['postgres', 'mysql', 'sqlite'];

/**
 * The transactions of one execution.
 *
 * Invariant: one runs at a time, so that an execution never holds two connections: a pool whose
 * connections are all held by executions that wait for a second one would never go on.
 */
export class Transactions {
  readonly #owner: TransactionOwner;
  readonly #used = new Set<string>();
  #running: string | undefined;
  #ended = false;

  constructor(owner: TransactionOwner) {
    this.#owner = owner;
  }

  /** The resolver runs again under the same claim, and uses the same names. */
  again(): void {
    this.#used.clear();
  }

  /** From now on no transaction begins. */
  end(): void {
    this.#ended = true;
  }

  /** A property, so that it can be taken out of the object. */
  readonly run: Execution['transaction'] = async <TTransaction, T>(
    database: IdempotentDatabase<TTransaction>,
    body: TransactionBody<TTransaction, T>,
    options: TransactionOptions = {},
  ): Promise<T> => {
    const settings = transactionSettings(options);
    const { name } = settings;
    checkDatabase(database);
    if (typeof body !== 'function') {
      throw new TypeError('transaction: the second argument must be the body, a function.');
    }
    this.#checkRecordId();
    this.#checkOrder(name);
    this.#used.add(name);
    this.#running = name;
    try {
      return await new Transaction(this.#owner, database, body, settings).run();
    } catch (error) {
      // It is rolled back, or its row tells what became of it.
      this.#used.delete(name);
      throw error;
    } finally {
      this.#running = undefined;
    }
  };

  #checkOrder(name: string): void {
    if (this.#ended) throw new Error(`transaction: the execution of "${name}" has ended.`);
    if (this.#running !== undefined) {
      throw new Error(
        `transaction: "${name}" was begun while "${this.#running}" was running. Run one after the ` +
          'other, not inside of another or beside it: each takes a connection.',
      );
    }
    if (this.#used.has(name)) {
      throw new Error(`transaction: the name "${name}" was already used. Give each its own.`);
    }
  }

  /** MySQL would cut it off where it is not strict, and its digest stands at the end. */
  #checkRecordId(): void {
    if (this.#owner.recordId.length <= TABLE_RECORD_ID_LENGTH_MAX) return;
    throw new RangeError(
      `transaction: the name of ${this.#owner.operation} is too long for the table of outcomes.`,
    );
  }
}

function checkDatabase(database: unknown): void {
  const given = database as Partial<IdempotentDatabase<unknown>> | null | undefined;
  const fits = typeof given?.run === 'function' && typeof given.query === 'function';
  if (fits && DIALECTS.includes(given.dialect)) return;
  throw new TypeError(
    'transaction: the first argument must be a database of graphql-idempotency/database, such as ' +
      'fromPg(pool).',
  );
}
