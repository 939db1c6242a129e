import type { SubjectOptions } from './subject.js';

/** Two marked mutations, one that may do without a key, and one that is not marked. */
const typeDefs = /* GraphQL */ `
  type Payment {
    id: ID!
    amount: Int!
  }
  type Query {
    ping: String
  }
  type Mutation {
    pay(amount: Int! = 5, idempotencyKey: String): Payment @idempotent
    book(amount: Int! = 5, idempotencyKey: String): Payment @idempotent
    tip(amount: Int! = 5, idempotencyKey: String): Payment @idempotent(required: false)
    rename(name: String): String
  }
`;

/** A subject of these mutations; every run gives a new id, so two runs never look like one. */
export function payments(overrides: Partial<SubjectOptions> = {}): SubjectOptions {
  let id = 0;
  const paid = (_source: unknown, { amount }: { amount: number }): object => ({
    id: String((id += 1)),
    amount,
  });
  return {
    typeDefs,
    mutations: { pay: paid, book: paid, tip: paid, rename: () => 'renamed' },
    ...overrides,
  };
}

/** Takes its key from the header. */
export const PAY = 'mutation { pay { id amount } }';

/** Takes its key from a variable, in the argument. */
export const PAY_WITH_ARGUMENT =
  'mutation ($key: String) { pay(idempotencyKey: $key) { id amount } }';
