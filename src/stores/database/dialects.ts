import type { SqlDialect, SqlParameter } from '../../core/database/idempotent-database.js';

/** A statement whose parameters stand where they are used: `?`, each used once. */
export interface PositionalStatement {
  readonly sql: string;
  readonly parameters: SqlParameter[];
}

/** For libraries that take `?` for every database; `$1` may be used twice, and in any order. */
export function positional(
  dialect: SqlDialect,
  sql: string,
  parameters: readonly SqlParameter[],
): PositionalStatement {
  if (dialect !== 'postgres') return { sql, parameters: [...parameters] };
  const inOrder: SqlParameter[] = [];
  const replaced = sql.replaceAll(/\$(\d+)/g, (_, number: string) => {
    const parameter = parameters[Number(number) - 1];
    if (parameter === undefined) throw new RangeError(`The statement has no parameter $${number}.`);
    inOrder.push(parameter);
    return '?';
  });
  return { sql: replaced, parameters: inOrder };
}

/** For libraries that take `$1` for every database. */
export function numbered(sql: string): string {
  let position = 0;
  return sql.replaceAll('?', () => `$${String((position += 1))}`);
}

/** Some libraries spell a level in small letters. */
export function inSmallLetters<TLevel extends string>(level: TLevel): Lowercase<TLevel> {
  return level.toLowerCase() as Lowercase<TLevel>;
}
