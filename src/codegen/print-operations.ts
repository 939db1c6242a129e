import type { FieldKey } from './operation-keys.js';

/** The generated file. Names are GraphQL names, so nothing in it needs to be escaped. */
export function printOperations(operations: ReadonlyMap<string, readonly FieldKey[]>): string {
  const entries = Array.from(
    operations,
    ([name, fields]) => `  ${name}: ${printFields(fields)},\n`,
  );
  const body = entries.length === 0 ? '{}' : `{\n${entries.join('')}}`;
  return `/* eslint-disable */
/** The operations that carry idempotent mutations, and how the key of each travels. */
export const idempotentOperations = ${body} as const;
/** Their names. */
export type IdempotentOperationName = keyof typeof idempotentOperations;
`;
}

function printFields(fields: readonly FieldKey[]): string {
  const printed = fields.map(
    ({ responseKey, mutation, variables }) =>
      `${responseKey}: { mutation: '${mutation}', key: ${printKey(variables)} }`,
  );
  if (printed.length === 1) return `{ ${printed.join('')} }`;
  return `{\n${printed.map((field) => `    ${field},\n`).join('')}  }`;
}

function printKey(variables: readonly string[]): string {
  if (variables.length === 0) return "'header'";
  return `[${variables.map((place) => `'${place}'`).join(', ')}]`;
}
