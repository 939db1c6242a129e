import { refuseUnknownOptions, type OptionNames } from '../../core/values/unknown-options.js';
import { OUTCOME_TABLE, tableName } from '../../core/database/outcome-table.js';

/** Options that every adapter has. */
export interface DatabaseOptions {
  /**
   * The table of outcomes, with its schema if it is not in the search path: `app.idempotency`.
   * @defaultValue 'graphql_idempotency'
   */
  readonly table?: string | undefined;
}

/** The names of these options. */
export const DATABASE_OPTION_NAMES: OptionNames<DatabaseOptions> = Object.freeze({ table: true });

/**
 * The table of an adapter.
 *
 * @param names - those of all options of the adapter
 * @throws RangeError when it is not a table's name; TypeError when an option does not exist
 */
export function tableOf(
  adapter: string,
  options: DatabaseOptions,
  names: Readonly<Record<string, true>> = DATABASE_OPTION_NAMES,
): string {
  refuseUnknownOptions(adapter, options, names);
  return tableName(options.table ?? OUTCOME_TABLE);
}

/** The error of an adapter that was given something else than it takes. */
export function adapterError(adapter: string, takes: string): TypeError {
  return new TypeError(`${adapter} takes ${takes}.`);
}

/** A transaction must be the adapter's own: another's commit is not its to make. */
export function alreadyOpen(adapter: string): Error {
  return new Error(
    `${adapter} was given a connection with an open transaction. Give it what opens transactions, and ` +
      'use the transaction that the body gets.',
  );
}

/**
 * The error for an async body: awaited work mixes with the transaction of a connection that answers at
 * once.
 */
export function asyncBody(adapter: string, library: string): TypeError {
  return new TypeError(
    `${adapter}: the body of a transaction must not be async, because ${library} answers at ` +
      'once and others use its connection meanwhile. A cipher must not be, either.',
  );
}

/** Whether a value has a method. */
export function hasMethod(value: unknown, name: string): boolean {
  return (
    ((typeof value === 'object' && value !== null) || typeof value === 'function') &&
    typeof (value as Readonly<Record<string, unknown>>)[name] === 'function'
  );
}

/** Whether a value has all of these methods. */
export function hasMethods(value: unknown, ...names: readonly string[]): boolean {
  return names.every((name) => hasMethod(value, name));
}
