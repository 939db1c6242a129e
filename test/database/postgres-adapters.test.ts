import { describeAdapters } from './adapters/battery.js';
import { drizzlePg, drizzlePostgresJs } from './adapters/drizzle.js';
import { knexPostgres } from './adapters/knex.js';
import { kyselyPostgres } from './adapters/kysely.js';
import { postgresServer } from './adapters/postgres.js';
import { postgresJs } from './adapters/postgres-js.js';
import { sequelizePostgres } from './adapters/sequelize.js';
import { typeOrmPostgres } from './adapters/typeorm.js';

describeAdapters(postgresServer, [
  knexPostgres,
  kyselyPostgres,
  drizzlePg,
  drizzlePostgresJs,
  postgresJs,
  typeOrmPostgres,
  sequelizePostgres,
]);
