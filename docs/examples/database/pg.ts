import type { GraphQLResolveInfo } from 'graphql';
import { idempotencyOf } from 'graphql-idempotency';
import { checkDatabase, fromPg, pruneOutcomes } from 'graphql-idempotency/database';
import type { Pool } from 'pg';

interface Payment {
  readonly id: number;
  readonly amount: number;
}

export const typeDefs = `
  type Payment { id: Int!, amount: Int! }
  type Query { ok: Int }
  type Mutation { createPayment(amount: Int!): Payment! @idempotent(onCrash: RERUN) }
`;

export const resolversOver = (pool: Pool) => {
  const database = fromPg(pool);
  return {
    Mutation: {
      createPayment: (
        _: unknown,
        { amount }: { amount: number },
        _context: unknown,
        info: GraphQLResolveInfo,
      ) =>
        idempotencyOf(info)?.transaction(database, async (tx) => {
          const insert = 'INSERT INTO payments (amount) VALUES ($1) RETURNING id, amount';
          const { rows } = await tx.query<Payment>(insert, [amount]);
          return rows[0];
        }),
    },
  };
};

export async function start(pool: Pool): Promise<void> {
  await checkDatabase(fromPg(pool));
}

export async function nightly(pool: Pool): Promise<void> {
  const removed = await pruneOutcomes(fromPg(pool), { batchSize: 1_000 });
  console.log(`Removed ${removed} expired outcomes.`);
}
