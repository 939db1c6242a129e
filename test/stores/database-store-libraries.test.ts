import { AsyncLocalStorage } from 'node:async_hooks';
import { CamelCasePlugin, Kysely, PostgresDialect } from 'kysely';
import { Pool } from 'pg';
import { Sequelize } from 'sequelize';

import {
  DatabaseStore,
  fromKysely,
  fromMikroOrm,
  fromSequelize,
  outcomeTable,
  type IdempotentDatabase,
} from '../../src/stores/database/index.js';
import { openMikroOrm } from '../database/adapters/mikro-orm.js';
import { postgresAt } from '../database/adapters/postgres.js';
import { startPostgres, type PostgresServer } from '../support/postgres-server.js';
import { claimed, completed, newBegin, rivalOf } from '../support/requests.js';

/** A library with transactions that everything in their callbacks is in, unless it says otherwise. */
interface Ambient {
  readonly database: IdempotentDatabase<unknown>;
  /** Runs `body` in a transaction, which is rolled back. */
  rolledBack(body: () => Promise<unknown>): Promise<void>;
  close(): Promise<unknown>;
}

const ROLLBACK = new Error('It is rolled back.');

async function undo(body: () => Promise<unknown>): Promise<never> {
  await body();
  throw ROLLBACK;
}

async function mikroOrm(port: number): Promise<Ambient> {
  const orm = await openMikroOrm(port);
  return {
    database: fromMikroOrm(orm),
    rolledBack: (body) => expect(orm.em.transactional(() => undo(body))).rejects.toBe(ROLLBACK),
    close: () => orm.close(true),
  };
}

function sequelizeWithCls(port: number): Promise<Ambient> {
  const storage = new AsyncLocalStorage<Map<string, unknown>>();
  // What Sequelize uses of the package cls-hooked.
  const namespace = {
    get: (name: string) => storage.getStore()?.get(name),
    set: (name: string, value: unknown) => storage.getStore()?.set(name, value),
    run: (body: (context: object) => unknown) => storage.run(new Map(storage.getStore()), body, {}),
    bind: (body: unknown) => body,
  };
  Sequelize.useCLS(namespace);
  const { user: username, ...target } = postgresAt(port);
  const sequelize = new Sequelize({ dialect: 'postgres', ...target, username, logging: false });
  return Promise.resolve({
    database: fromSequelize(sequelize),
    rolledBack: (body) => expect(sequelize.transaction(() => undo(body))).rejects.toBe(ROLLBACK),
    close: () => sequelize.close(),
  });
}

describe('DatabaseStore over a library', () => {
  let server: PostgresServer;

  beforeAll(async () => {
    server = await startPostgres();
    await server.query(outcomeTable('postgres'));
  }, 120_000);
  afterAll(() => server.stop());

  it('reads its rows where the library renames columns', async () => {
    const pool = new Pool(postgresAt(server.port));
    const db = new Kysely<object>({
      dialect: new PostgresDialect({ pool }),
      plugins: [new CamelCasePlugin()],
    });
    const store = new DatabaseStore(fromKysely(db));
    await store.ping();
    const begin = newBegin();
    await completed(store, begin);
    expect(await store.begin(rivalOf(begin))).toMatchObject({ kind: 'completed' });
    await db.destroy();
  });

  it.each([
    ['MikroORM', mikroOrm],
    ['Sequelize with CLS', sequelizeWithCls],
  ])('keeps a claim made in a transaction of %s that is rolled back', async (_name, open) => {
    const ambient = await open(server.port);
    const store = new DatabaseStore(ambient.database);
    const begin = newBegin();
    await ambient.rolledBack(() => claimed(store, begin));
    expect(await store.begin(rivalOf(begin))).toMatchObject({ kind: 'running' });
    await ambient.close();
  });
});
