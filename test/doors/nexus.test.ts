import { GraphQLSchema, specifiedDirectives } from 'graphql';
import { GraphQLDateTimeISO } from 'graphql-scalars';
import {
  asNexusMethod,
  fieldAuthorizePlugin,
  intArg,
  makeSchema,
  mutationType,
  nonNull,
  objectType,
  queryType,
  stringArg,
  unionType,
} from 'nexus';
import { idempotentDirective, idempotentField } from '../../src/index.js';
import { apolloDoor } from './apollo-door.js';
import { describeDoor } from './battery.js';
import type { DoorContext } from './door.js';
import type { Payments } from './payments.js';

/** What Nexus's generated types would allow by itself. */
function guardedBy(admits: (context: DoorContext) => boolean): object {
  return { authorize: (_root: unknown, _args: unknown, context: DoorContext) => admits(context) };
}

function createSchema(payments: Payments): GraphQLSchema {
  const schema = makeSchema({
    shouldGenerateArtifacts: false,
    plugins: [fieldAuthorizePlugin()],
    types: [
      asNexusMethod(GraphQLDateTimeISO, 'dateTime'),
      objectType({
        name: 'Payment',
        definition(t) {
          t.nonNull.id('id');
          t.nonNull.int('amount');
          t.nonNull.field('at', { type: 'DateTimeISO' });
        },
      }),
      objectType({
        name: 'Declined',
        definition: (t) => {
          t.nonNull.string('reason');
        },
      }),
      unionType({
        name: 'PayResult',
        definition: (t) => {
          t.members('Payment', 'Declined');
        },
        resolveType: ({ kind }: { kind: string }) => kind,
      }),
      queryType({
        definition: (t) => {
          t.string('ping', { resolve: () => 'pong' });
        },
      }),
      mutationType({
        definition(t) {
          t.nonNull.field('pay', {
            type: 'PayResult',
            args: { amount: nonNull(intArg()), idempotencyKey: stringArg() },
            ...guardedBy(({ user }) => payments.admits(user)),
            ...idempotentField((_root: object, { amount }: { amount: number }) =>
              payments.pay(amount),
            ),
          });
          t.int('log', { args: { line: nonNull(stringArg()) }, resolve: () => 1 });
        },
      }),
    ],
  });
  // Nexus has no directives of its own, and clients may write `@idempotent(key:)`.
  const directives = [...specifiedDirectives, idempotentDirective];
  return new GraphQLSchema({ ...schema.toConfig(), directives });
}

describeDoor({ ...apolloDoor, name: 'Apollo Server with Nexus' }, createSchema);
