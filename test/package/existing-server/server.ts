// A small server as many have one: nobody has thought of retries yet.
import { ApolloServer } from '@apollo/server';
import { startStandaloneServer } from '@apollo/server/standalone';

interface Context {
  readonly user: string;
}

interface Payment {
  readonly id: string;
  readonly payer: string;
  readonly amount: number;
}

const typeDefs = `#graphql
  input CreatePaymentInput {
    amount: Int!
  }
  type Payment {
    id: ID!
    payer: String!
    amount: Int!
  }
  type Query {
    payments: [Payment!]!
  }
  type Mutation {
    createPayment(input: CreatePaymentInput!): Payment!
    renamePayer(name: String!): Int!
  }
`;

const payments: Payment[] = [];
let renamed = 0;

const resolvers = {
  Query: {
    payments: () => payments,
  },
  Mutation: {
    createPayment(
      _parent: unknown,
      { input }: { input: { amount: number } },
      { user }: Context,
    ): Payment {
      const payment = { id: String(payments.length + 1), payer: user, amount: input.amount };
      payments.push(payment);
      return payment;
    },
    renamePayer: () => (renamed += 1),
  },
};

const server = new ApolloServer<Context>({
  typeDefs,
  resolvers,
});

async function main(): Promise<void> {
  const { url } = await startStandaloneServer(server, {
    listen: { port: Number(process.env['PORT'] ?? 4000) },
    context: ({ req }) => Promise.resolve({ user: req.headers.authorization ?? 'nobody' }),
  });
  console.log(`ready at ${url}`);
}

void main();
