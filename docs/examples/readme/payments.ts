/** Who is asking. */
export interface Context {
  readonly user: string;
}

interface Payment {
  readonly id: string;
  readonly amount: number;
}

/** What the application had before, and one word: `@idempotent`. */
export const typeDefs = `
  input CreatePaymentInput { amount: Int! }
  type Payment { id: ID!, amount: Int! }
  type Query { payments: [Payment!]! }
  type Mutation {
    createPayment(input: CreatePaymentInput!): Payment! @idempotent
  }
`;

const payments: Payment[] = [];

export const resolvers = {
  Query: { payments: (): readonly Payment[] => payments },
  Mutation: {
    createPayment(_parent: unknown, { input }: { input: { amount: number } }): Payment {
      const payment = { id: String(payments.length + 1), amount: input.amount };
      payments.push(payment);
      return payment;
    },
  },
};
