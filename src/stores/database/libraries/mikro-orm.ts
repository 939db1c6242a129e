import type {
  IdempotentDatabase,
  SqlDialect,
  SqlQuery,
} from '../../../core/database/idempotent-database.js';
import { adapterError, alreadyOpen, hasMethods, type DatabaseOptions } from '../adapter-options.js';
import { inSmallLetters, positional } from '../dialects.js';
import { libraryDatabase } from './library-database.js';
import { rowsOf } from '../rows.js';

/** The methods that are called on an `EntityManager`. */
interface EntityManager {
  execute(sql: string, parameters: unknown[]): Promise<unknown>;
  flush(): Promise<void>;
  fork(): EntityManager;
  getConnection(): { getDefaultClientUrl(): string };
  isInTransaction(): boolean;
  transactional<T>(body: (em: EntityManager) => Promise<T>, options: object): Promise<T>;
}

/** A `MikroORM`, by what is read of its types. */
export interface MikroOrmLike {
  readonly em: unknown;
}

/** By the scheme of their addresses. */
const DIALECTS = new Map<string, SqlDialect>([
  ['postgresql:', 'postgres'],
  ['mysql:', 'mysql'],
  ['mariadb:', 'mysql'],
]);

/**
 * PostgreSQL, MySQL and MariaDB through MikroORM: the body gets an `EntityManager` of its own, with an
 * empty identity map, which is flushed when the body has returned.
 *
 * @param orm - what `MikroORM.init()` gave
 */
export function fromMikroOrm<TOrm extends MikroOrmLike>(
  orm: TOrm,
  options: DatabaseOptions = {},
): IdempotentDatabase<TOrm['em']> {
  const em = (orm as Partial<TOrm> | null | undefined)?.em as EntityManager | undefined;
  const fits = hasMethods(em, 'transactional', 'execute', 'fork', 'isInTransaction');
  const dialect = em !== undefined && fits ? dialectOf(em) : undefined;
  if (em === undefined || dialect === undefined) {
    throw adapterError('fromMikroOrm', 'a MikroORM of PostgreSQL or MySQL, not an EntityManager');
  }
  return libraryDatabase<EntityManager, TOrm['em']>({
    // A fork, because the global one is in whatever transaction its caller is in.
    ...{ name: 'mikro-orm', dialect, options, root: em.fork() },
    queryOf: (executor) => queryOf(executor, dialect),
    flush: (transaction) => transaction.flush(),
    async transact(body, isolation) {
      // MikroORM itself finds the transaction that its caller is in.
      if (em.isInTransaction()) throw alreadyOpen('fromMikroOrm');
      return em
        .fork()
        .transactional(
          body,
          isolation === undefined ? {} : { isolationLevel: inSmallLetters(isolation) },
        );
    },
  });
}

function dialectOf(em: EntityManager): SqlDialect | undefined {
  return DIALECTS.get(/^\w+:/.exec(em.getConnection().getDefaultClientUrl())?.[0] ?? '');
}

function queryOf(executor: EntityManager, dialect: SqlDialect): SqlQuery {
  return async (sql, given) => {
    const statement = positional(dialect, sql, given);
    // For a statement without rows it gives an object.
    return rowsOf(await executor.execute(statement.sql, statement.parameters));
  };
}
