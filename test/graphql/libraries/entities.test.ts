import { wrap } from '@mikro-orm/postgresql';
import createKnex, { type Knex } from 'knex';
import { model, Schema, Types } from 'mongoose';
import { Model as ObjectionModel } from 'objection';
import { DataTypes, Sequelize, type Model, type ModelStatic } from 'sequelize';
import { BaseEntity, DataSource, EntitySchema } from 'typeorm';
import { openMikroOrm, payments, type OpenMikroOrm } from '../../database/adapters/mikro-orm.js';
import { postgresAt } from '../../database/adapters/postgres.js';
import { startPostgres, type PostgresServer } from '../../support/postgres-server.js';
import { testFamily, type Sample } from './samples.js';

interface Row {
  readonly id: number;
  readonly amount: number;
}

class TypeOrmPayment extends BaseEntity implements Row {
  id!: number;
  amount!: number;
}
const columns = { id: { type: Number, primary: true }, amount: { type: Number } };
// TypeORM has a class for these options, and is documented with literals.
// eslint-disable-next-line @typescript-eslint/no-unsafe-class-instance-assignment
const activeRecord = new EntitySchema<TypeOrmPayment>({
  ...{ name: 'ActivePayment', tableName: 'payments', target: TypeOrmPayment, columns },
});
// eslint-disable-next-line @typescript-eslint/no-unsafe-class-instance-assignment
const dataMapper = new EntitySchema<Row>({ name: 'Payment', tableName: 'payments', columns });

class ObjectionPayment extends ObjectionModel implements Row {
  static override tableName = 'payments';
  readonly id!: number;
  readonly amount!: number;
}

const MongoosePayment = model('Payment', new Schema({ amount: Number, tags: [String] }));
const mongoosePayment = () =>
  new MongoosePayment({
    _id: Types.ObjectId.createFromHexString('0123456789abcdef01234567'),
    ...{ amount: 5, tags: ['a', 'b'] },
  });

let server: PostgresServer;
let sequelizePayment: ModelStatic<Model<Row>>;
let sequelize: Sequelize;
let typeOrm: DataSource;
let mikroOrm: OpenMikroOrm;
let knex: Knex;

beforeAll(async () => {
  server = await startPostgres();
  await server.query('CREATE TABLE payments (id int PRIMARY KEY, amount int NOT NULL)');
  await server.query('INSERT INTO payments VALUES (1, 5)');
  const { user: username, ...place } = postgresAt(server.port);
  sequelize = new Sequelize({ dialect: 'postgres', ...place, username, logging: false });
  sequelizePayment = sequelize.define<Model<Row>>(
    'payment',
    { id: { type: DataTypes.INTEGER, primaryKey: true }, amount: DataTypes.INTEGER },
    { tableName: 'payments', timestamps: false },
  );
  typeOrm = await new DataSource({
    ...{ type: 'postgres', ...place, username, entities: [activeRecord, dataMapper] },
  }).initialize();
  mikroOrm = await openMikroOrm(server.port);
  knex = createKnex({ client: 'pg', connection: postgresAt(server.port), pool: { min: 0 } });
});

afterAll(async () => {
  await Promise.all([
    ...[sequelize.close(), typeOrm.destroy(), knex.destroy()],
    mikroOrm.close(true),
  ]);
  await server.stop();
});

function entityOf(
  library: string,
  what: string,
  kept: Sample['kept'],
  make: () => unknown,
): Sample {
  return {
    ...{ library, what, kept, make },
    fields: 'id: ID amount: Int! tags: [String!]',
    select: ['{ id amount tags }', '{ amount }'],
  };
}

testFamily('Entities and documents', [
  entityOf('Sequelize', 'instance', 'response', () => sequelizePayment.findByPk(1)),
  entityOf('Sequelize', 'get({ plain: true })', 'value', async () =>
    (await sequelizePayment.findByPk(1))?.get({ plain: true }),
  ),
  entityOf('Sequelize', 'raw: true', 'value', () => sequelizePayment.findByPk(1, { raw: true })),
  entityOf('TypeORM', 'BaseEntity', 'response', () => TypeOrmPayment.findOneBy({ id: 1 })),
  entityOf('TypeORM', 'entity of a schema without a class', 'value', () =>
    typeOrm.getRepository(dataMapper).findOneBy({ id: 1 }),
  ),
  entityOf('MikroORM', 'entity', 'response', () => mikroOrm.em.fork().findOneOrFail(payments, 1)),
  entityOf('MikroORM', 'wrap(entity).toObject()', 'value', async () =>
    wrap(await mikroOrm.em.fork().findOneOrFail(payments, 1)).toObject(),
  ),
  entityOf('Objection', 'model', 'response', () => ObjectionPayment.query(knex).findById(1)),
  entityOf('Objection', 'toJSON()', 'value', async () =>
    (await ObjectionPayment.query(knex).findById(1))?.toJSON(),
  ),
  entityOf('Mongoose', 'document', 'response', () => mongoosePayment()),
  entityOf('Mongoose', 'toObject(), lean(), with its ObjectId', 'response', () =>
    mongoosePayment().toObject(),
  ),
  entityOf('Mongoose', 'toObject({ flattenObjectIds: true })', 'value', () =>
    mongoosePayment().toObject({ flattenObjectIds: true, versionKey: false }),
  ),
]);
