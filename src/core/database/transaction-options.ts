import type { Awaitable } from '../async/awaitable.js';
import { TRANSACTION_NAME_LENGTH_MAX } from './outcome-table.js';
import { refuseUnknownOptions, type OptionNames } from '../values/unknown-options.js';
import type { IsolationLevel } from './idempotent-database.js';
import { isWholeNumber, wholeNumberRule } from '../values/whole-number.js';

/** Options of a transaction. */
export interface TransactionOptions {
  /**
   * The name of the transaction within its resolver, the same in every attempt: 1 to 64 letters, digits
   * and `_`, `-`, `.`, `:`. Only a resolver with more than one transaction needs it.
   * @defaultValue 'transaction'
   */
  readonly name?: string;
  /**
   * The isolation from other transactions.
   * @defaultValue the database's default
   */
  readonly isolation?: IsolationLevel;
  /**
   * The largest number of runs of the body if the database ends the transaction because of another one
   * (serialization failures and deadlocks): 1 to 100.
   * @defaultValue 5
   */
  readonly triesMax?: number;
  /**
   * The longest duration of the transaction, in milliseconds, for a library that ends transactions by
   * itself, as Prisma does: 1 to 3 600 000. The other libraries have no such limit.
   * @defaultValue 60000
   */
  readonly timeoutMs?: number;
}

/** The arguments of a transaction's body beside the transaction. */
export interface TransactionTry {
  /** 1, or more if the database ended the transaction before because of another one. */
  readonly tryNumber: number;
  /** Aborts when the claim is lost to another request. */
  readonly signal: AbortSignal;
}

/** The user's part of a transaction. */
export type TransactionBody<TTransaction, T> = (
  transaction: TTransaction,
  run: TransactionTry,
) => Awaitable<T>;

/** Options with their defaults. */
export type TransactionSettings = Required<Omit<TransactionOptions, 'isolation'>> & {
  readonly isolation: IsolationLevel | undefined;
};

const OPTION_NAMES: OptionNames<TransactionOptions> = Object.freeze({
  name: true,
  isolation: true,
  triesMax: true,
  timeoutMs: true,
});
const ISOLATION_LEVELS: readonly unknown[] = ['READ COMMITTED', 'REPEATABLE READ', 'SERIALIZABLE'];
const NAME = new RegExp(`^[\\w.:-]{1,${TRANSACTION_NAME_LENGTH_MAX}}$`);
const TRIES_MAX = 100;
const TIMEOUT_MS_MAX = 3_600_000;

/** @throws RangeError when an option is out of range; TypeError when one does not exist */
export function transactionSettings(options: TransactionOptions): TransactionSettings {
  refuseUnknownOptions('transaction', options, OPTION_NAMES);
  const { name = 'transaction', isolation, triesMax = 5, timeoutMs = 60_000 } = options;
  if (typeof name !== 'string' || !NAME.test(name)) {
    throw new RangeError(
      `transaction: the name must have 1 to ${TRANSACTION_NAME_LENGTH_MAX} letters, digits and "_-.:".`,
    );
  }
  if (isolation !== undefined && !ISOLATION_LEVELS.includes(isolation)) {
    throw new RangeError(`transaction: isolation must be ${ISOLATION_LEVELS.join(', ')}.`);
  }
  for (const [option, value, max] of [
    ['triesMax', triesMax, TRIES_MAX],
    ['timeoutMs', timeoutMs, TIMEOUT_MS_MAX],
  ] as const) {
    const range = { min: 1, max };
    if (isWholeNumber(value, range)) continue;
    throw new RangeError(`transaction: ${wholeNumberRule(option, range)}.`);
  }
  return { name, isolation, triesMax, timeoutMs };
}
