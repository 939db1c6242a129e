import type {
  IdempotentDatabase,
  IsolationLevel,
  SqlDialect,
  SqlQuery,
  SqlRow,
} from '../../../core/database/idempotent-database.js';
import { adapterError, hasMethods, type DatabaseOptions } from '../adapter-options.js';
import type { AnyFunction, GivenToBody } from '../adapter-types.js';
import { libraryDatabase } from './library-database.js';

/** The part of Prisma's clients that sends statements. */
interface Executor {
  $queryRawUnsafe(sql: string, ...parameters: unknown[]): PromiseLike<unknown>;
}

/** The part of a `PrismaClient` that is used. */
interface Client extends Executor {
  readonly _activeProvider?: unknown;
  $transaction<T>(body: (transaction: Executor) => Promise<T>, options: object): Promise<T>;
}

/** A `PrismaClient`, by what is read of its types. */
export interface PrismaLike {
  readonly $transaction: AnyFunction;
}

/** The transaction that `prisma.$transaction` gives its body. */
export type PrismaTransactionOf<TClient extends PrismaLike> = GivenToBody<
  Parameters<TClient['$transaction']>[0]
>;

const LEVELS: Readonly<Record<IsolationLevel, string>> = {
  'READ COMMITTED': 'ReadCommitted',
  'REPEATABLE READ': 'RepeatableRead',
  SERIALIZABLE: 'Serializable',
};

/** By the names that Prisma has for what its schema's `provider` is. */
const DIALECTS = new Map<unknown, SqlDialect>([
  ['postgresql', 'postgres'],
  ['postgres', 'postgres'],
]);

/** Prisma's default wait for a connection, in milliseconds. */
const WAIT_MS_MIN = 2_000;

/**
 * PostgreSQL through Prisma: the body gets the client of the transaction. The transaction may last
 * `timeoutMs` of `execution.transaction`, in place of Prisma's five seconds.
 *
 * @param prisma - a `PrismaClient`
 */
export function fromPrisma<TClient extends PrismaLike>(
  prisma: TClient,
  options: DatabaseOptions = {},
): IdempotentDatabase<PrismaTransactionOf<TClient>> {
  const database = prisma as unknown as Client;
  // The client of a transaction has no $connect; it may have a $transaction, which is a savepoint.
  const fits = hasMethods(database, '$transaction', '$queryRawUnsafe', '$connect');
  const dialect = fits ? DIALECTS.get(database._activeProvider) : undefined;
  if (dialect === undefined) {
    throw adapterError('fromPrisma', 'a PrismaClient of PostgreSQL, not that of a transaction');
  }
  return libraryDatabase<Executor, PrismaTransactionOf<TClient>>({
    ...{ name: 'prisma', dialect, options, root: database, queryOf },
    transact: (body, isolation, { timeoutMs, waitMs }) =>
      database.$transaction(body, {
        timeout: timeoutMs,
        maxWait: Math.max(WAIT_MS_MIN, waitMs),
        ...(isolation !== undefined && { isolationLevel: LEVELS[isolation] }),
      }),
  });
}

function queryOf(executor: Executor): SqlQuery {
  return async (sql, parameters) =>
    (await executor.$queryRawUnsafe(sql, ...parameters)) as readonly SqlRow[];
}
