import { makeExecutableSchema } from '@graphql-tools/schema';
import type { GraphQLSchema } from 'graphql';
import { idempotentTypeDefs } from '../../src/index.js';

const typeDefs = `
  type Payment { id: ID!, amount: Int! }
  type Query { ping: String }
  type Mutation {
    pay(amount: Int!, idempotencyKey: String): Payment @idempotent
    log(line: String!): Int
  }
`;

/**
 * The schema that every server of these tests serves.
 *
 * @param effects - receives what its mutations did
 */
export function createSchema(effects: string[]): GraphQLSchema {
  return makeExecutableSchema({
    typeDefs: [idempotentTypeDefs, typeDefs],
    resolvers: {
      Query: { ping: () => 'pong' },
      Mutation: {
        pay: (_: unknown, { amount }: { amount: number }) => ({
          id: `p${String(effects.push(`pay ${String(amount)}`))}`,
          amount,
        }),
        log: (_: unknown, { line }: { line: string }) => effects.push(line),
      },
    },
  });
}

/** A response over HTTP; `body` is a list for a batch. */
export interface HttpResponse<T> {
  readonly status: number;
  readonly headers: Headers;
  readonly body: T;
}

/** Posts JSON as alice. */
export async function postJson<T>(
  port: number,
  body: unknown,
  headers: Readonly<Record<string, string>> = {},
): Promise<HttpResponse<T>> {
  const response = await fetch(`http://127.0.0.1:${String(port)}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: 'alice', ...headers },
    body: JSON.stringify(body),
  });
  return {
    status: response.status,
    headers: response.headers,
    body: (await response.json()) as T,
  };
}
