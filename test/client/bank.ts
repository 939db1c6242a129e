import { GraphQLError } from 'graphql';
import type {
  IdempotentFields,
  IdempotentOperation,
  IdempotentOperations,
} from '../../src/client/index.js';
import { sdl } from '../graphql/apollo.js';

export { documents } from './bank-documents.js';

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
  const broken = new Set<string>();
  const print = (name: string): string => {
    if (broken.delete(name)) throw new Error('The printer is broken.');
    return `${name} of a payment`;
  };
  const schema = sdl(
    `type Query { balance: Int! }
     type Payment { id: ID! amount: Int! receipt: String proof: String! }
     input RefundInput { amount: Int! idempotencyKey: String }
     type Mutation {
       pay(amount: Int!, idempotencyKey: String): Payment! @idempotent
       payOrNull(amount: Int!, idempotencyKey: String): Payment @idempotent
       refund(input: RefundInput!): Payment! @idempotent
       book(amount: Int!): Payment! @idempotent
       payNothing: Payment! @idempotent
       rename(name: String!): String!
     }`,
    {
      Query: { balance: () => 7 },
      Payment: { receipt: () => print('receipt'), proof: () => print('proof') },
      Mutation: {
        payNothing: () => {
          effects.push('nothing');
          return null;
        },
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
    /** Makes the next `receipt` or `proof` of a payment fail. */
    breakNext: (name: string): void => void broken.add(name),
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

/** The operations as codegen generates them. */
export const operations = {
  Pay: idempotent({ pay: { mutation: 'Mutation.pay', key: ['key'] } }),
  PayByArgument: idempotent({ pay: { mutation: 'Mutation.pay', key: ['key'] } }),
  PayWithReceipt: idempotent({ pay: { mutation: 'Mutation.pay', key: 'header' } }),
  PayWithProof: idempotent({ pay: { mutation: 'Mutation.pay', key: 'header' } }),
  PayNothing: idempotent({ payNothing: { mutation: 'Mutation.payNothing', key: 'header' } }),
  Refund: idempotent({ refund: { mutation: 'Mutation.refund', key: ['input.idempotencyKey'] } }),
  Book: idempotent({ book: { mutation: 'Mutation.book', key: 'header' } }),
  PayTwice: idempotent({
    one: { mutation: 'Mutation.payOrNull', key: ['first'] },
    two: { mutation: 'Mutation.payOrNull', key: ['second'] },
  }),
  PayBoth: idempotent({
    pay: { mutation: 'Mutation.payOrNull', key: 'header' },
    book: { mutation: 'Mutation.book', key: 'header' },
  }),
  PayAndRename: {
    ...idempotent({ pay: { mutation: 'Mutation.payOrNull', key: ['key'] } }),
    idempotent: false,
  },
} as const satisfies IdempotentOperations;

function idempotent(fields: IdempotentFields): IdempotentOperation {
  return { idempotent: true, ttlSeconds: 86_400, fields };
}
