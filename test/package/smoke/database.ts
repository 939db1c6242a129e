// needs: graphql libsql
import assert from 'node:assert/strict';
import Libsql from 'libsql';
import {
  DatabaseStore,
  fromLibsql,
  outcomeTable,
  type IdempotentDatabase,
} from 'graphql-idempotency/database';

async function main(): Promise<void> {
  const db = new Libsql(':memory:');
  const database: IdempotentDatabase<Libsql.Database> = fromLibsql(db);
  assert.equal(database.dialect, 'sqlite');
  await database.query('CREATE TABLE payments (amount INTEGER)', []);
  await database.run(({ query }) => query('INSERT INTO payments VALUES (?)', ['5']), {
    isolation: undefined,
    timeoutMs: 1_000,
    waitMs: 1_000,
  });
  const [row] = await database.query('SELECT amount FROM payments', []);
  assert.equal(row?.['amount'], 5);
  db.exec(outcomeTable('sqlite'));
  const store = new DatabaseStore(database);
  assert.deepEqual(await store.check(5_000), { problems: [], refuses: false });
}

void main();
