import { describeAdapters } from './adapters/battery.js';
import { drizzleMysql } from './adapters/drizzle.js';
import { knexMysql } from './adapters/knex.js';
import { kyselyMysql } from './adapters/kysely.js';
import { mariaDbServer } from './adapters/mariadb.js';
import { mikroOrmMariaDb } from './adapters/mikro-orm.js';
import { mysql2 } from './adapters/mysql2.js';
import { sequelizeMysql } from './adapters/sequelize.js';
import { typeOrmMysql } from './adapters/typeorm.js';

describeAdapters(mariaDbServer, [
  mysql2,
  knexMysql,
  kyselyMysql,
  drizzleMysql,
  typeOrmMysql,
  mikroOrmMariaDb,
  sequelizeMysql,
]);
