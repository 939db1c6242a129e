import { makeExecutableSchema } from '@graphql-tools/schema';
import fastify from 'fastify';
import { idempotencyOf, idempotentTypeDefs } from 'graphql-idempotency';
import { mercuriusIdempotency } from 'graphql-idempotency/mercurius';
import { GraphQLDateTimeISO } from 'graphql-scalars';
import mercurius from 'mercurius';
import mercuriusAuth from 'mercurius-auth';
import { Ledger, type PayResult } from './ledger.js';
import { openStore } from './store.js';

/** Who calls. */
interface Context {
  readonly user: string;
}

const typeDefs = `
  directive @openAccount on FIELD_DEFINITION
  scalar DateTimeISO
  type Payment { id: ID!, amount: Int!, at: DateTimeISO! }
  type Declined { reason: String! }
  union PayResult = Payment | Declined
  type Query { payments: Int! }
  type Mutation {
    pay(amount: Int!, idempotencyKey: String): PayResult! @idempotent @openAccount
    closeAccount: Boolean! @openAccount
  }
`;

const ledger = new Ledger();
const { store, disconnect } = openStore();

const schema = makeExecutableSchema<Context>({
  typeDefs: [idempotentTypeDefs, typeDefs],
  resolvers: {
    DateTimeISO: GraphQLDateTimeISO,
    PayResult: { __resolveType: ({ kind }: PayResult) => kind },
    Query: { payments: (_: unknown, __: unknown, { user }: Context) => ledger.countPayments(user) },
    Mutation: {
      pay: (_, { amount }: { amount: number }, { user }, info) =>
        ledger.pay(idempotencyOf(info), user, amount),
      closeAccount: (_, __, { user }) => ledger.closeAccount(user),
    },
  },
});

async function main(): Promise<void> {
  const app = fastify();
  await app.register(mercurius, {
    schema,
    context: ({ headers }): Context => ({ user: headers.authorization ?? '' }),
  });
  await app.register(mercuriusIdempotency<Context>, { store, scope: ({ user }) => user });
  // After the doors, so that guards are asked for replays too.
  await app.register(mercuriusAuth, {
    authDirective: 'openAccount',
    applyPolicy: (_directive, _parent, _args, context) =>
      Promise.resolve(ledger.isOpen((context as unknown as Context).user)),
  });
  app.addHook('onClose', disconnect);

  const url = await app.listen({ port: Number(process.env['PORT'] ?? 4000) });
  console.log(`ready at ${url}/graphql`);

  process.once('SIGTERM', () => void app.close());
}

void main();
