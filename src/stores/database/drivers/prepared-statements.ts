import { createHash } from 'node:crypto';

/** The method of a connection that is called. */
interface Connection {
  query(sql: string): Promise<unknown>;
}

/** The SQLSTATE of EXECUTE for a statement that is not there. */
const MISSING = '26000';
/** The SQLSTATE of PREPARE for a statement that is there already. */
const EXISTING = '42P05';

/** Connections belong to pools, which several adapters may share. */
const known = new WeakMap<object, PreparedStatements>();

/**
 * The statements that one connection to PostgreSQL has prepared, by SQL, so that their use can be one
 * message together with others.
 *
 * Invariants: a name stands for one text; nothing is prepared within a transaction, which an error would
 * end; and once a statement turns out to be gone, the connection prepares nothing any more: whatever
 * removed it (a pooler, DISCARD ALL, DEALLOCATE) is likely to do so again.
 */
export class PreparedStatements {
  readonly #connection: Connection;
  /** The names of those that are prepared, by their SQL. */
  readonly #names = new Map<string, string>();
  readonly #missing = new Set<string>();
  #gone = false;

  private constructor(connection: Connection) {
    this.#connection = connection;
  }

  static of(connection: Connection): PreparedStatements {
    const statements = known.get(connection) ?? new PreparedStatements(connection);
    known.set(connection, statements);
    return statements;
  }

  /** Prepares a statement, and those that {@link executionOf} missed. To be called outside of transactions. */
  async prepare(sql: string): Promise<void> {
    if (this.#gone) return;
    if (!this.#names.has(sql)) this.#missing.add(sql);
    for (const missing of this.#missing) await this.#prepareNow(missing);
  }

  /** @returns the text that executes a statement; `undefined` if it is not prepared */
  executionOf(sql: string, literals: readonly string[]): string | undefined {
    const name = this.#names.get(sql);
    if (name === undefined) {
      this.#missing.add(sql);
      return undefined;
    }
    return literals.length === 0 ? `EXECUTE ${name}` : `EXECUTE ${name}(${literals.join(',')})`;
  }

  /** Whether an error says that a statement is gone, after which none is used. */
  isGone(error: unknown): boolean {
    if (codeOf(error) !== MISSING) return false;
    this.#gone = true;
    this.#names.clear();
    return true;
  }

  async #prepareNow(sql: string): Promise<void> {
    const name = nameOf(sql);
    try {
      await this.#connection.query(`PREPARE ${name} AS ${sql}`);
    } catch (error) {
      // What is wrong with the statement or the connection shows when it is sent as it is. Under this
      // name there is no other text.
      if (codeOf(error) !== EXISTING) return;
    }
    this.#names.set(sql, name);
    this.#missing.delete(sql);
  }
}

/** The text contains the table's name, and changes with the version of this library. */
function nameOf(sql: string): string {
  return `graphql_idempotency_${createHash('sha256').update(sql).digest('hex').slice(0, 32)}`;
}

function codeOf(error: unknown): unknown {
  return (error as { readonly code?: unknown } | null | undefined)?.code;
}
