import { operationOfRecord, recordIdOf } from '../../core/record/key.js';
import type { CommandOptions, OptionSpecs } from './command-options.js';
import { digestSecretOf } from './secrets.js';
import { UsageError } from './usage-error.js';

/** The options that identify a record by its scope, operation and key. */
export const RECORD_OPTIONS: OptionSpecs = {
  scope: { value: 'scope', help: "the caller: the value that the servers' scope option returns" },
  operation: { value: 'name', help: 'the mutation, as in Mutation.createPayment' },
  key: { value: 'key', help: "the client's key" },
  'digest-secret-file': {
    value: 'file',
    help: 'the file with the digestSecret of the servers, if they have one',
  },
};

/**
 * The id of the record that was named.
 *
 * @throws UsageError when none was, or more than one
 */
export function recordIdIn(
  options: CommandOptions,
  { prefix }: { readonly prefix: string },
): string {
  const [given, ...more] = options.positionals;
  const [scope, operation, key] = ['scope', 'operation', 'key'].map((name) => options.text(name));
  if (more.length > 0) throw new UsageError('Name one record.');
  if (given !== undefined) {
    if (scope ?? operation ?? key) {
      throw new UsageError('Name the record by its id, or by --scope, --operation and --key.');
    }
    const id = given.startsWith(prefix) ? given.slice(prefix.length) : given;
    if (operationOfRecord(id) !== undefined) return id;
    throw new UsageError(
      `${JSON.stringify(given)} is not a record id. An id looks like createPayment:… with 32 characters after the colon.`,
    );
  }
  if (scope === undefined || operation === undefined || key === undefined) {
    throw new UsageError('Name a record: by its id, or by --scope, --operation and --key.');
  }
  return recordIdOf(scope, coordinateOf(operation), key, digestSecretOf(options));
}

/** A mutation's schema coordinate; `Mutation.` may be left out. */
export function coordinateOf(operation: string): string {
  if (!/^\w+(\.\w+)?$/.test(operation)) {
    throw new UsageError('--operation must name a mutation, as in Mutation.createPayment.');
  }
  return operation.includes('.') ? operation : `Mutation.${operation}`;
}
