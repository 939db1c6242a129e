import { gql } from '@apollo/client';
import { GraphQLError } from 'graphql';
import type { IdempotentOperations } from '../../src/client/index.js';
import { sdl } from '../graphql/apollo.js';

/** A schema whose mutations take their keys in every way, and what its resolvers did. */
export function createBank() {
  const effects: string[] = [];
  const gates = new Map<string, { readonly open: () => void; readonly opened: Promise<void> }>();
  const act = async (name: string, amount: number): Promise<object> => {
    effects.push(`${name} ${String(amount)}`);
    await gates.get(name)?.opened;
    if (amount === 13) throw new GraphQLError('Unlucky.', { extensions: { code: 'UNLUCKY' } });
    if (amount === 500) throw new Error('The bank is broken.');
    return { id: `${name}-${String(effects.length)}`, amount };
  };
  const schema = sdl(
    `type Query { balance: Int! }
     type Payment { id: ID! amount: Int! }
     input RefundInput { amount: Int! idempotencyKey: String }
     type Mutation {
       pay(amount: Int!, idempotencyKey: String): Payment! @idempotent
       payOrNull(amount: Int!, idempotencyKey: String): Payment @idempotent
       refund(input: RefundInput!): Payment! @idempotent
       book(amount: Int!): Payment! @idempotent
       rename(name: String!): String!
     }`,
    {
      Query: { balance: () => 7 },
      Mutation: {
        pay: (_: unknown, { amount }: { amount: number }) => act('pay', amount),
        payOrNull: (_: unknown, { amount }: { amount: number }) => act('payOrNull', amount),
        refund: (_: unknown, { input }: { input: { amount: number } }) =>
          act('refund', input.amount),
        book: (_: unknown, { amount }: { amount: number }) => act('book', amount),
        rename: (_: unknown, { name }: { name: string }) => {
          effects.push(`rename ${name}`);
          return name;
        },
      },
    },
  );
  return {
    schema,
    effects,
    /** Keeps what these mutations do from ending, until {@link open}. */
    close(...names: readonly string[]): void {
      for (const name of names) {
        let open = (): void => undefined;
        const opened = new Promise<void>((resolve) => {
          open = resolve;
        });
        gates.set(name, { open, opened });
      }
    },
    open(): void {
      for (const { open } of gates.values()) open();
      gates.clear();
    },
  };
}

/** Operations on it, one for each way that a key can travel. */
export const documents = {
  pay: gql`
    mutation Pay($amount: Int!, $key: String) {
      pay(amount: $amount) @idempotent(key: $key) {
        id
        amount
      }
    }
  `,
  payByArgument: gql`
    mutation PayByArgument($amount: Int!, $key: String) {
      pay(amount: $amount, idempotencyKey: $key) {
        id
      }
    }
  `,
  refund: gql`
    mutation Refund($input: RefundInput!) {
      refund(input: $input) {
        id
      }
    }
  `,
  book: gql`
    mutation Book($amount: Int!) {
      book(amount: $amount) {
        id
      }
    }
  `,
  payTwice: gql`
    mutation PayTwice($first: String, $second: String) {
      one: payOrNull(amount: 1) @idempotent(key: $first) {
        id
      }
      two: payOrNull(amount: 2) @idempotent(key: $second) {
        id
      }
    }
  `,
  payBoth: gql`
    mutation PayBoth($ok: Int!, $other: Int!) {
      pay: payOrNull(amount: $ok) {
        id
      }
      book(amount: $other) {
        id
      }
    }
  `,
  payAndRename: gql`
    mutation PayAndRename($key: String) {
      pay: payOrNull(amount: 1, idempotencyKey: $key) {
        id
      }
      ... on Mutation {
        ...Renaming
      }
    }
    fragment Renaming on Mutation {
      rename(name: "x")
    }
  `,
  rename: gql`
    mutation Rename {
      rename(name: "y")
    }
  `,
  balance: gql`
    query Balance {
      balance
    }
  `,
} as const;

/** What codegen generates for them. */
export const operations = {
  Pay: { pay: { mutation: 'Mutation.pay', key: ['key'] } },
  PayByArgument: { pay: { mutation: 'Mutation.pay', key: ['key'] } },
  Refund: { refund: { mutation: 'Mutation.refund', key: ['input.idempotencyKey'] } },
  Book: { book: { mutation: 'Mutation.book', key: 'header' } },
  PayTwice: {
    one: { mutation: 'Mutation.payOrNull', key: ['first'] },
    two: { mutation: 'Mutation.payOrNull', key: ['second'] },
  },
  PayBoth: {
    pay: { mutation: 'Mutation.payOrNull', key: 'header' },
    book: { mutation: 'Mutation.book', key: 'header' },
  },
  PayAndRename: { pay: { mutation: 'Mutation.payOrNull', key: ['key'] } },
} as const satisfies IdempotentOperations;
