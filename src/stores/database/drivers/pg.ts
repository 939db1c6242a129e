import type {
  IdempotentDatabase,
  IsolationLevel,
  SqlQuery,
  SqlRow,
} from '../../../core/database/idempotent-database.js';
import { adapterError, hasMethod, tableOf, type DatabaseOptions } from '../adapter-options.js';

/** The properties of `pg`'s results that are read. */
export interface PgResultLike {
  readonly rows: readonly unknown[];
  readonly command: string;
}

/** The methods that are called on `pg`'s clients. */
export interface PgClientLike {
  query(sql: string, parameters: unknown[]): Promise<PgResultLike>;
  on(event: 'error', listener: (error: Error) => void): unknown;
  off(event: 'error', listener: (error: Error) => void): unknown;
  release(error?: boolean): void;
}

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
  options: DatabaseOptions = {},
): IdempotentDatabase<PgClientOf<TPool>> {
  if (!hasMethod(pool, 'connect') || !hasMethod(pool, 'query') || !hasMethod(pool, 'end')) {
    throw adapterError('fromPg', 'a Pool of pg');
  }
  const table = tableOf(options);
  surviveLostConnections(pool);
  return {
    name: 'pg',
    dialect: 'postgres',
    table,
    async run(body, { isolation }) {
      const client: PgClientLike | undefined = await pool.connect();
      // A Client connects, and gives nothing.
      if (!hasMethod(client, 'release')) throw adapterError('fromPg', 'a Pool of pg, not a Client');
      const transaction = new PgTransaction(client);
      try {
        await transaction.begin(isolation);
        const result = await body({
          // The pool's own client.
          transaction: client as PgClientOf<TPool>,
          query: queryOf(client),
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

class PgTransaction {
  readonly #client: PgClientLike;
  #open = false;
  #broken = false;

  constructor(client: PgClientLike) {
    this.#client = client;
    // A connection that is lost between two statements would end the process otherwise.
    client.on('error', this.#onError);
  }

  async begin(isolation: IsolationLevel | undefined): Promise<void> {
    const level = isolation === undefined ? '' : ` ISOLATION LEVEL ${isolation}`;
    this.#open = true;
    await this.#client.query(`BEGIN${level}`, []);
  }

  async commit(): Promise<void> {
    const { command } = await this.#client.query('COMMIT', []);
    this.#open = false;
    // That is how PostgreSQL answers if a statement had failed, and nobody looked.
    if (command === 'ROLLBACK') throw new Error('The transaction was rolled back.');
  }

  /** Leaves the connection as it was, or tells the pool to throw it away. */
  async end(): Promise<void> {
    if (this.#open) {
      await this.#client.query('ROLLBACK', []).catch(() => {
        this.#broken = true;
      });
    }
    this.#client.off('error', this.#onError);
    this.#client.release(this.#broken);
  }

  readonly #onError = (): void => {
    this.#broken = true;
  };
}

function queryOf(client: Pick<PgClientLike, 'query'>): SqlQuery {
  return async (sql, parameters) => {
    const { rows } = await client.query(sql, [...parameters]);
    return rows as readonly SqlRow[];
  };
}
