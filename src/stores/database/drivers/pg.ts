import type {
  IdempotentDatabase,
  IsolationLevel,
  SqlParameter,
  SqlQuery,
  SqlRow,
} from '../../../core/database/idempotent-database.js';
import { adapterError, hasMethod, tableOf, type DatabaseOptions } from '../adapter-options.js';
import { GoneStatementError } from './gone-statement-error.js';
import { inlinedStatement } from './inlined-statement.js';
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

/** The properties of `pg`'s results that are read. */
export interface PgResultLike {
  readonly rows: readonly unknown[];
  readonly command: string;
}

/** The methods that are called on `pg`'s clients. */
export interface PgClientLike {
  query(sql: string, parameters?: unknown[]): Promise<PgResultLike>;
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
  options: PgOptions = {},
): IdempotentDatabase<PgClientOf<TPool>> {
  if (!hasMethod(pool, 'connect') || !hasMethod(pool, 'query') || !hasMethod(pool, 'end')) {
    throw adapterError('fromPg', 'a Pool of pg');
  }
  const table = tableOf(options);
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

/**
 * A transaction of one client.
 *
 * Invariants: BEGIN is the first message to the client, or the start of it; and COMMIT is sent behind
 * another statement only in one message with it, of which PostgreSQL skips the rest once a statement has
 * failed.
 */
class PgTransaction {
  readonly #client: PgClientLike;
  readonly #beginning: string;
  readonly #prepared: PreparedStatements | undefined;
  #begun: Promise<PgResultLike> | undefined;
  #last: Parameters<SqlQuery> | undefined;
  #open = false;
  #broken = false;

  constructor(
    client: PgClientLike,
    isolation: IsolationLevel | undefined,
    prepared: PreparedStatements | undefined,
  ) {
    this.#client = client;
    this.#prepared = prepared;
    this.#beginning = isolation === undefined ? 'BEGIN' : `BEGIN ISOLATION LEVEL ${isolation}`;
    // A connection that is lost between two statements would end the process otherwise.
    client.on('error', this.#onError);
  }

  begin(): Promise<PgResultLike> {
    this.#open = true;
    this.#begun ??= this.#send([this.#beginning]);
    return this.#begun;
  }

  readonly query: SqlQuery = async (sql, parameters) => {
    const inlined = this.#begun === undefined ? inlinedStatement(sql, parameters) : undefined;
    if (inlined !== undefined) {
      this.#open = true;
      this.#begun = this.#beginWith(sql, parameters, inlined);
      return rowsIn(await this.#begun);
    }
    // Without a transaction around it, the statement would be committed by itself.
    await this.begin();
    return rowsIn(await this.#client.query(sql, [...parameters]));
  };

  readonly commitWith = (...statement: Parameters<SqlQuery>): void => {
    this.#last = statement;
  };

  async commit(): Promise<void> {
    const { command } = await this.#commitNow();
    this.#open = false;
    // That is how PostgreSQL answers if a statement had failed, and nobody looked.
    if (command === 'ROLLBACK') throw new Error('The transaction was rolled back.');
  }

  /** Begins with a statement, in one message. */
  async #beginWith(
    sql: string,
    parameters: readonly SqlParameter[],
    inlined: string,
  ): Promise<PgResultLike> {
    await this.#prepared?.prepare(sql);
    const execution = this.#prepared?.executionOf(sql, parameters);
    try {
      return await this.#send([this.#beginning, execution ?? inlined]);
    } catch (error) {
      if (this.#prepared?.isGone(error) !== true) throw error;
      // Nothing has happened yet.
      return this.#send(['ROLLBACK', this.#beginning, inlined]);
    }
  }

  async #commitNow(): Promise<PgResultLike> {
    if (this.#last === undefined) return this.#send(['COMMIT']);
    const inlined = inlinedStatement(...this.#last);
    if (inlined === undefined) {
      await this.query(...this.#last);
      return this.#send(['COMMIT']);
    }
    const execution = this.#prepared?.executionOf(...this.#last);
    try {
      return await this.#send([execution ?? inlined, 'COMMIT']);
    } catch (error) {
      throw this.#prepared?.isGone(error) === true ? new GoneStatementError(error) : error;
    }
  }

  /** Leaves the connection as it was, or tells the pool to throw it away. */
  async end(): Promise<void> {
    if (this.#open) {
      await this.#client.query('ROLLBACK').catch(() => {
        this.#broken = true;
      });
    }
    this.#client.off('error', this.#onError);
    this.#client.release(this.#broken);
  }

  /** Sends statements in one message: the result of the last. */
  async #send(statements: readonly string[]): Promise<PgResultLike> {
    const results = [await this.#client.query(statements.join(';'))].flat();
    // There is one for each statement.
    return results.at(-1) as PgResultLike;
  }

  readonly #onError = (): void => {
    this.#broken = true;
  };
}

function queryOf(client: Pick<PgClientLike, 'query'>): SqlQuery {
  return async (sql, parameters) => rowsIn(await client.query(sql, [...parameters]));
}

function rowsIn({ rows }: PgResultLike): readonly SqlRow[] {
  return rows as readonly SqlRow[];
}
