export type { Awaitable } from '../../core/async/awaitable.js';
export type {
  IdempotentDatabase,
  IsolationLevel,
  OpenTransaction,
  RunOptions,
  SqlDialect,
  SqlParameter,
  SqlQuery,
  SqlRow,
} from '../../core/database/idempotent-database.js';
export { checkDatabase } from '../../core/database/check-database.js';
export { outcomeTable } from '../../core/database/outcome-table.js';
export { pruneOutcomes, type PruneOptions } from '../../core/database/prune-outcomes.js';
export { DatabaseStore, type DatabaseStoreOptions } from './database-store.js';
export type { DatabaseOptions } from './adapter-options.js';
export { fromPg, type PgOptions } from './drivers/pg.js';
export { fromPostgresJs } from './drivers/postgres-js.js';
export { fromKnex } from './libraries/knex.js';
export { fromKysely } from './libraries/kysely.js';
export { fromDrizzle, type DrizzleOptions } from './libraries/drizzle.js';
export { fromPrisma } from './libraries/prisma.js';
export { fromTypeOrm } from './libraries/typeorm.js';
export { fromMikroOrm } from './libraries/mikro-orm.js';
export { fromSequelize } from './libraries/sequelize.js';
export { fromMysql2 } from './drivers/mysql2.js';
export { fromBetterSqlite3 } from './drivers/better-sqlite3.js';
export { fromLibsql } from './drivers/libsql.js';
