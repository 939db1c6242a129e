import type { Pool, PoolClient } from 'pg';
import { fromPg, type IdempotentDatabase, type SqlQuery } from '../../src/stores/database/index.js';
import type { VariantName } from './rewrites.js';

/** The beginnings of the library's statements: of a claim that need not wait, and of one that may. */
const CLAIM = /^(INSERT INTO graphql_idempotency|WITH earlier) /;
const READ = 'SELECT fingerprint';
const KEEP = 'UPDATE graphql_idempotency';

/** Whether a statement claims a row. */
export function isClaim(sql: string): boolean {
  return CLAIM.test(sql);
}

/**
 * The adapter as it is, or one with the seeded bug of a variant.
 *
 * @param aside - connections for what is outside of a transaction: those of `pool` would run out
 */
export function databaseOf(
  pool: Pool,
  aside: Pool,
  variant: VariantName | undefined,
): IdempotentDatabase<PoolClient> {
  const sound = fromPg(pool);
  switch (variant) {
    case 'outcome-inserted-last':
      return withQueries(sound, insertedLast);
    case 'outcome-outside-transaction':
      return withQueries(sound, () => fromPg(aside).query);
    case 'outcome-fingerprint-left-out':
      return withQueries(sound, anyFingerprint);
    case 'commit-assumed':
      return commitAssumed(sound);
    default:
      return sound;
  }
}

function withQueries(
  sound: IdempotentDatabase<PoolClient>,
  queryOf: (query: SqlQuery) => SqlQuery,
): IdempotentDatabase<PoolClient> {
  return {
    ...sound,
    run: (body, options) =>
      sound.run(({ transaction, query }) => body({ transaction, query: queryOf(query) }), options),
  };
}

/** The row is inserted when the body has run, and one that is there already is left alone. */
function insertedLast(query: SqlQuery): SqlQuery {
  let claim: Parameters<SqlQuery> | undefined;
  return async (sql, parameters) => {
    if (isClaim(sql)) {
      claim = [sql, parameters];
      return [{ claimed: 1 }];
    }
    if (!sql.startsWith(KEEP) || claim === undefined) return query(sql, parameters);
    await query(...claim);
    await query(sql, parameters);
    return [{ kept: 1 }];
  };
}

/** Whatever arguments a row belongs to, they are taken for those of the request. */
function anyFingerprint(query: SqlQuery): SqlQuery {
  let fingerprint: unknown;
  return async (sql, parameters) => {
    if (isClaim(sql)) fingerprint = parameters[2];
    const rows = await query(sql, parameters);
    return sql.startsWith(READ) ? rows.map((row) => ({ ...row, fingerprint })) : rows;
  };
}

/** A commit that got no reply is taken for one that has happened. */
function commitAssumed(sound: IdempotentDatabase<PoolClient>): IdempotentDatabase<PoolClient> {
  return {
    ...sound,
    async run(body, options) {
      let ended: { readonly value: Awaited<ReturnType<typeof body>> } | undefined;
      try {
        return await sound.run(async (open) => {
          const value = await body(open);
          ended = { value };
          return value;
        }, options);
      } catch (error) {
        if (ended !== undefined) return ended.value;
        throw error;
      }
    },
  };
}
