import type { IdempotentOperation, IdempotentOperations } from './idempotent-operations.js';
import type { FieldKey } from './keys/operation-keys.js';

/** The generated file. Names are GraphQL names, so nothing in it needs to be escaped. */
export function printOperations({ operations, retryable }: IdempotentOperations): string {
  const entries = Array.from(operations, ([name, operation]) => printOperation(name, operation));
  const names = retryable.map((name) => `  '${name}',\n`);
  return `/* eslint-disable */
/**
 * The operations that carry idempotent mutations: whether all that each does is idempotent, for how
 * long it can be tried again, and how the key of each mutation travels.
 */
export const idempotentOperations = ${block('{', entries, '}')} as const;
/** Their names. */
export type IdempotentOperationName = keyof typeof idempotentOperations;
/** The operations that may be sent again: queries, and mutations that are idempotent as a whole. */
export const retryableOperations: ReadonlySet<string> = new Set(${block('[', names, ']')});
`;
}

function block(open: string, lines: readonly string[], close: string): string {
  return lines.length === 0 ? `${open}${close}` : `${open}\n${lines.join('')}${close}`;
}

function printOperation(
  name: string,
  { idempotent, ttlSeconds, keys }: IdempotentOperation,
): string {
  return `  ${name}: {
    idempotent: ${String(idempotent)},
    ttlSeconds: ${String(ttlSeconds)},
    fields: ${printFields(keys)},
  },
`;
}

function printFields(fields: readonly FieldKey[]): string {
  const printed = fields.map(
    ({ responseKey, mutation, variables }) =>
      `${responseKey}: { mutation: '${mutation}', key: ${printKey(variables)} }`,
  );
  if (printed.length === 1) return `{ ${printed.join('')} }`;
  return `{\n${printed.map((field) => `      ${field},\n`).join('')}    }`;
}

function printKey(variables: readonly string[]): string {
  if (variables.length === 0) return "'header'";
  return `[${variables.map((place) => `'${place}'`).join(', ')}]`;
}
