export type { Awaitable } from '../../core/awaitable.js';
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
export { fromPg } from './pg.js';
export { fromPostgresJs } from './postgres-js.js';
export { fromKnex } from './knex.js';
export { fromKysely } from './kysely.js';
export { fromDrizzle, type DrizzleOptions } from './drizzle.js';
export { fromPrisma } from './prisma.js';
export { fromTypeOrm } from './typeorm.js';
export { fromSequelize } from './sequelize.js';
export { fromMysql2 } from './mysql2.js';
export { fromBetterSqlite3 } from './better-sqlite3.js';
export { fromLibsql } from './libsql.js';
