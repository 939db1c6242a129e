import type {
  IsolationLevel,
  SqlQuery,
  SqlRow,
} from '../../../core/database/idempotent-database.js';
import { GoneStatementError } from './gone-statement-error.js';
import { inlinedStatement, literalsOf } from './inlined-statement.js';
import type { PreparedStatements } from './prepared-statements.js';

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

/**
 * A transaction of one client.
 *
 * Invariants: BEGIN is the first message to the client, or the start of it; and COMMIT is sent behind
 * another statement only in one message with it, of which PostgreSQL skips the rest once a statement has
 * failed.
 */
export class PgTransaction {
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
    const literals = this.#begun === undefined ? literalsOf(parameters) : undefined;
    if (literals !== undefined) {
      this.#open = true;
      this.#begun = this.#beginWith(sql, literals);
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
  async #beginWith(sql: string, literals: readonly string[]): Promise<PgResultLike> {
    await this.#prepared?.prepare(sql);
    try {
      return await this.#send([this.#beginning, this.#textOf(sql, literals)]);
    } catch (error) {
      if (this.#prepared?.isGone(error) !== true) throw error;
      // Nothing has happened yet.
      return this.#send(['ROLLBACK', this.#beginning, inlinedStatement(sql, literals)]);
    }
  }

  async #commitNow(): Promise<PgResultLike> {
    if (this.#last === undefined) return this.#send(['COMMIT']);
    const [sql, parameters] = this.#last;
    const literals = literalsOf(parameters);
    if (literals === undefined) {
      await this.query(sql, parameters);
      return this.#send(['COMMIT']);
    }
    try {
      return await this.#send([this.#textOf(sql, literals), 'COMMIT']);
    } catch (error) {
      throw this.#prepared?.isGone(error) === true ? new GoneStatementError(error) : error;
    }
  }

  /** A statement as it is sent: its execution if it is prepared. */
  #textOf(sql: string, literals: readonly string[]): string {
    return this.#prepared?.executionOf(sql, literals) ?? inlinedStatement(sql, literals);
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

/** Sends statements outside of transactions. */
export function queryOf(client: Pick<PgClientLike, 'query'>): SqlQuery {
  return async (sql, parameters) => rowsIn(await client.query(sql, [...parameters]));
}

function rowsIn({ rows }: PgResultLike): readonly SqlRow[] {
  return rows as readonly SqlRow[];
}
