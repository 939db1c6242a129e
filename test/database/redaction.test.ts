import type BetterSqlite3 from 'better-sqlite3';
import Libsql from 'libsql';
import type { GraphQLResolveInfo } from 'graphql';

import { outcomeTable } from '../../src/core/database/outcome-table.js';
import { idempotencyOf, MemoryStore } from '../../src/index.js';
import { fromBetterSqlite3 } from '../../src/stores/database/index.js';
import { sdl, startServer, type TestServer } from '../graphql/apollo.js';

const CVV = '737373';
const PIN = '919191';
const ISSUE = 'mutation { issue { number cvv pin } }';

describe('redaction and transactions', () => {
  let db: BetterSqlite3.Database;

  beforeEach(() => {
    // The driver of libsql has the interface of better-sqlite3.
    db = new Libsql(':memory:') as unknown as BetterSqlite3.Database;
    db.exec(
      `${outcomeTable('sqlite', 'graphql_idempotency')} CREATE TABLE cards (id INTEGER PRIMARY KEY);`,
    );
  });
  afterEach(() => {
    db.close();
  });

  function start(store: MemoryStore): Promise<TestServer> {
    const database = fromBetterSqlite3(db);
    async function issue(_: unknown, _args: unknown, _context: unknown, info: GraphQLResolveInfo) {
      const card = await idempotencyOf(info)?.transaction(database, (tx) => {
        tx.exec('INSERT INTO cards DEFAULT VALUES');
        return { number: 'card-1', pin: PIN };
      });
      // Seen once: no body is asked for it again.
      return { ...card, cvv: CVV };
    }
    const schema = sdl(
      `type Query { ok: Int }
       type Card { number: String, cvv: String, pin: String }
       type Mutation { issue: Card @idempotent(onCrash: RERUN) }`,
      { Mutation: { issue } },
    );
    return startServer(schema, { store, redact: ({ name }) => name === 'cvv' || name === 'pin' });
  }

  const answer = async (server: TestServer): Promise<unknown> =>
    (await server.post(ISSUE, { headers: { 'idempotency-key': 'k1' } })).body.data;

  it('leave a property out of the row, of what the body gave, and of a replay', async () => {
    const store = new MemoryStore();
    const server = await start(store);
    expect(await answer(server)).toEqual({ issue: { number: 'card-1', cvv: CVV, pin: null } });
    expect(await answer(server)).toEqual({ issue: { number: 'card-1', cvv: null, pin: null } });
    await server.stop();
    const [row] = db.prepare('SELECT outcome FROM graphql_idempotency').all() as {
      outcome: Buffer;
    }[];
    const kept = Buffer.from(row?.outcome ?? '');
    expect(['card-1', CVV, PIN].map((text) => kept.includes(text))).toEqual([true, false, false]);
  });
});
