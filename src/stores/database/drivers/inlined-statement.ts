import type { SqlParameter } from '../../../core/database/idempotent-database.js';

/** A longer statement is read faster with its parameters beside it, in characters. */
const LENGTH_MAX = 16_384;
/** Text that is the same in every encoding that a client may speak. */
const PLAIN = /^[\x20-\x7e]*$/;

/**
 * Parameters as literals of PostgreSQL. They are for ids, numbers and bytes of the library's own.
 *
 * @returns `undefined` if a parameter is other text, or too long
 */
export function literalsOf(parameters: readonly SqlParameter[]): readonly string[] | undefined {
  const length = parameters.reduce((sum, { length }) => sum + length, 0);
  if (length > LENGTH_MAX || !parameters.every(isPlain)) return undefined;
  return parameters.map(literalOf);
}

/** A statement with its parameters in it, so that several can be one message. */
export function inlinedStatement(sql: string, literals: readonly string[]): string {
  return partsOf(sql)
    .map((part) => (typeof part === 'string' ? part : literals[part - 1]))
    .join('');
}

/** There are as many as the library has statements. */
const known = new Map<string, readonly (string | number)[]>();

/** The text of a statement, and the numbers of its parameters where they are used. */
function partsOf(sql: string): readonly (string | number)[] {
  let parts = known.get(sql);
  if (parts === undefined) {
    // Every other part is a number.
    parts = sql.split(/\$(\d+)/).map((part, index) => (index % 2 === 0 ? part : Number(part)));
    known.set(sql, parts);
  }
  return parts;
}

function isPlain(parameter: SqlParameter): boolean {
  return typeof parameter !== 'string' || PLAIN.test(parameter);
}

/** A literal, which means the same whether `standard_conforming_strings` is on or off. */
function literalOf(parameter: SqlParameter): string {
  const text = typeof parameter === 'string' ? parameter : `\\x${parameter.toString('hex')}`;
  return ` E'${text.replaceAll('\\', '\\\\').replaceAll("'", "''")}'`;
}
