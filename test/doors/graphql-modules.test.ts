import { GraphQLError, parse, type ExecutionArgs } from 'graphql';
import { createApplication, createModule, gql, type Application } from 'graphql-modules';
import { GraphQLDateTimeISO } from 'graphql-scalars';
import { createIdempotency, idempotentField, idempotentTypeDefs } from '../../src/index.js';
import { describeDoor } from './battery.js';
import type { Door, DoorAnswer, DoorContext } from './door.js';
import type { Payments, Result } from './payments.js';

/** A module whose guard is a middleware: it is asked inside of the field's resolver. */
function createModules(payments: Payments): Application {
  const guard = async (
    { context }: { context: object },
    next: () => Promise<unknown>,
  ): Promise<unknown> => {
    if (payments.admits((context as DoorContext).user)) return next();
    throw new GraphQLError('Not for you.', { extensions: { code: 'FORBIDDEN' } });
  };
  const payment = createModule({
    id: 'payment',
    typeDefs: [
      parse(idempotentTypeDefs),
      gql`
        scalar DateTimeISO
        type Payment {
          id: ID!
          amount: Int!
          at: DateTimeISO!
        }
        type Declined {
          reason: String!
        }
        union PayResult = Payment | Declined
        type Query {
          ping: String
        }
        type Mutation {
          pay(amount: Int!, idempotencyKey: String): PayResult! @idempotent
          log(line: String!): Int
        }
      `,
    ],
    middlewares: { Mutation: { pay: [guard] } },
    resolvers: {
      DateTimeISO: GraphQLDateTimeISO,
      PayResult: { __resolveType: ({ kind }: Result) => kind },
      Query: { ping: () => 'pong' },
      Mutation: {
        pay: idempotentField((_: unknown, { amount }: { amount: number }) => payments.pay(amount)),
        log: () => 1,
      },
    },
  });
  return createApplication({ modules: [payment] });
}

const door: Door<Application> = {
  name: 'graphql-modules',
  hasHeaders: true,
  takesBatches: false,
  async start(application, options) {
    const idempotency = createIdempotency(options);
    idempotency.applyTo(application.schema);
    await idempotency.start();
    const execute = application.createExecution();
    return {
      async send({ query, variables = {}, key, user = 'alice' }) {
        const { result, headers } = await idempotency.execute(
          {
            schema: application.schema,
            document: parse(query),
            variableValues: variables,
            contextValue: { user },
          },
          {
            headers: key === undefined ? {} : { 'idempotency-key': key },
            execute: (args: ExecutionArgs) => execute(args),
          },
        );
        const body = JSON.parse(JSON.stringify(result)) as DoorAnswer;
        return { body, replayedHeader: headers['idempotent-replayed'] ?? null };
      },
      async stop() {
        await idempotency.drain();
        await idempotency.close();
      },
    };
  },
};

describeDoor(door, createModules);
