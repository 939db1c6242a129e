import { UseGuards } from '@nestjs/common';
import { Args, Mutation, Query, Resolver, Scalar } from '@nestjs/graphql';
import { GraphQLDateTimeISO } from 'graphql-scalars';
import { Idempotent } from '../../src/nestjs/index.js';
import { PaymentsGuard } from './nest-door.js';
import { Payments, type Result } from './payments.js';

/** The SDL of the battery, without the definition of `@idempotent`. */
export const typeDefs = `
  scalar DateTimeISO
  type Payment { id: ID!, amount: Int!, at: DateTimeISO! }
  type Declined { reason: String! }
  union PayResult = Payment | Declined
  type Query { ping: String }
  type Mutation {
    pay(amount: Int!, idempotencyKey: String): PayResult! @idempotent
    log(line: String!): Int
  }
`;

/** Dates, as Nest has scalars schema-first. */
@Scalar('DateTimeISO')
export class DateScalar {
  parseValue = GraphQLDateTimeISO.parseValue;
  serialize = GraphQLDateTimeISO.serialize;
  parseLiteral = GraphQLDateTimeISO.parseLiteral;
}

/** How a union tells its types, which Nest has no decorator for. */
export const resolvers = { PayResult: { __resolveType: ({ kind }: Result) => kind } };

/** What pays, as Nest has it schema-first. */
@Resolver()
export class SchemaFirstResolver {
  readonly #payments: Payments;

  constructor(payments: Payments) {
    this.#payments = payments;
  }

  @Query()
  ping(): string {
    return 'pong';
  }

  @Idempotent()
  @Mutation()
  @UseGuards(PaymentsGuard)
  pay(@Args('amount') amount: number): Promise<Result> {
    return this.#payments.pay(amount);
  }

  @Mutation()
  log(@Args('line') line: string): number {
    return line.length;
  }
}
