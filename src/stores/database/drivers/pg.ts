import type { IdempotentDatabase } from '../../../core/database/idempotent-database.js';
import type { OptionNames } from '../../../core/values/unknown-options.js';
import {
  adapterError,
  DATABASE_OPTION_NAMES,
  hasMethod,
  tableOf,
  type DatabaseOptions,
} from '../adapter-options.js';
import { PgTransaction, queryOf, type PgClientLike, type PgResultLike } from './pg-transaction.js';
import { PreparedStatements } from './prepared-statements.js';

/** Options of {@link fromPg}. */
export interface PgOptions extends DatabaseOptions {
  /**
   * True: each connection prepares the statements of claim and outcome once (`PREPARE`, in its first two
   * transactions), and PostgreSQL neither parses nor plans them again. No transaction takes more messages.
   *
   * Only for connections to PostgreSQL itself. Behind a pooler that gives each transaction another session,
   * as PgBouncer in transaction mode does, or if the session is emptied (`DISCARD ALL`,
   * `DEALLOCATE ALL`), statements are gone when they are used. Nothing is lost then: the claim is sent
   * again without them, or the transaction is rolled back and runs again, and that connection uses none
   * from then on.
   *
   * @defaultValue false
   */
  readonly preparedStatements?: boolean | undefined;
}

const OPTION_NAMES: OptionNames<PgOptions> = Object.freeze({
  ...DATABASE_OPTION_NAMES,
  preparedStatements: true,
});

/** The methods that are called on `pg`'s pools. */
export interface PgPoolLike<TClient> {
  connect(): Promise<TClient>;
  query(sql: string, parameters: unknown[]): Promise<PgResultLike>;
}

/** The client that a pool gives: `connect` also takes a callback, and gives nothing then. */
export type PgClientOf<TPool extends { readonly connect: unknown }> = TPool['connect'] extends {
  (): infer TFirst;
  (...others: never[]): infer TLast;
}
  ? Awaited<Extract<TFirst, Promise<unknown>> | Extract<TLast, Promise<unknown>>>
  : never;

/**
 * PostgreSQL through `pg`: the body gets a `PoolClient`.
 *
 * @param pool - a `Pool`; a `Client` has one connection, which others use at the same time
 */
export function fromPg<TPool extends PgPoolLike<PgClientLike>>(
  pool: TPool,
  options: PgOptions = {},
): IdempotentDatabase<PgClientOf<TPool>> {
  if (!hasMethod(pool, 'connect') || !hasMethod(pool, 'query') || !hasMethod(pool, 'end')) {
    throw adapterError('fromPg', 'a Pool of pg');
  }
  const table = tableOf('fromPg', options, OPTION_NAMES);
  const { preparedStatements = false } = options;
  surviveLostConnections(pool);
  return {
    name: 'pg',
    dialect: 'postgres',
    table,
    async run(body, { isolation, startsWithQuery = false }) {
      const client: PgClientLike | undefined = await pool.connect();
      // A Client connects, and gives nothing.
      if (!hasMethod(client, 'release')) throw adapterError('fromPg', 'a Pool of pg, not a Client');
      const prepared = preparedStatements ? PreparedStatements.of(client) : undefined;
      const transaction = new PgTransaction(client, isolation, prepared);
      try {
        // The body has the client itself, and whatever it sends must come after BEGIN.
        if (!startsWithQuery) await transaction.begin();
        const result = await body({
          // The pool's own client.
          transaction: client as PgClientOf<TPool>,
          query: transaction.query,
          commitWith: transaction.commitWith,
        });
        await transaction.commit();
        return result;
      } finally {
        await transaction.end();
      }
    },
    query: queryOf(pool),
  };
}

/** The clients that have a listener already. */
const surviving = new WeakSet<object>();

interface Emitter {
  on(event: string, listener: (client: Emitter) => void): unknown;
}

/**
 * A client that is taken out has no listener of the pool's any more, and none of the transaction's yet:
 * a server that dies at this moment would end the process.
 */
function surviveLostConnections(pool: object): void {
  if (surviving.has(pool) || !hasMethod(pool, 'on')) return;
  surviving.add(pool);
  (pool as Emitter).on('acquire', (client) => {
    if (surviving.has(client)) return;
    surviving.add(client);
    client.on('error', () => undefined);
  });
}
