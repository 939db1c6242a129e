import type { GraphQLResolveInfo } from 'graphql';
import { idempotencyOf, idempotencyPlugin, type IdempotencyStore } from 'graphql-idempotency';
import type Libsql from 'libsql';

/** Who is asking, and the database. */
export interface Context {
  readonly user: string;
  readonly db: Libsql.Database;
}

interface Payment {
  readonly id: number;
  readonly amount: number;
}

export const tables = `
  CREATE TABLE payments (
    id INTEGER PRIMARY KEY, caller TEXT NOT NULL, key TEXT NOT NULL, amount INTEGER NOT NULL,
    UNIQUE (caller, key)
  );
  CREATE TABLE outbox (id INTEGER PRIMARY KEY, topic TEXT NOT NULL, body TEXT NOT NULL);
`;

export const typeDefs = `
  type Payment { id: Int!, amount: Int! }
  type Query { ok: Int }
  type Mutation { pay(amount: Int!): Payment! @idempotent(leaseMs: 2000) }
`;

export const resolvers = {
  Mutation: {
    pay(
      _: unknown,
      { amount }: { amount: number },
      { user, db }: Context,
      info: GraphQLResolveInfo,
    ) {
      const execution = idempotencyOf(info);
      if (execution === undefined) throw new Error('pay needs a key.');
      // The effect, the proof that it happened, and what is to follow: all of it or nothing.
      const pay = db.transaction(() => {
        const insert = 'INSERT INTO payments (caller, key, amount) VALUES (?, ?, ?)';
        const id = Number(db.prepare(insert).run(user, execution.key, amount).lastInsertRowid);
        const body = JSON.stringify({ id, amount });
        db.prepare('INSERT INTO outbox (topic, body) VALUES (?, ?)').run('paid', body);
        return { id, amount };
      });
      return pay.immediate();
    },
  },
};

export function plugin(store: IdempotencyStore) {
  return idempotencyPlugin<Context>({
    store,
    scope: ({ user }) => user,
    recover: {
      // The server died: before its commit, and there is no row; or after it, and there is one.
      'Mutation.pay': ({ scope, key, context: { db } }) => {
        const find = 'SELECT id, amount FROM payments WHERE caller = ? AND key = ?';
        const [payment] = db.prepare(find).all(scope, key) as Payment[];
        return payment === undefined ? 'RERUN' : { value: payment };
      },
    },
  });
}
