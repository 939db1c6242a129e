import SchemaBuilder from '@pothos/core';
import ScopeAuthPlugin from '@pothos/plugin-scope-auth';
import { specifiedDirectives, type GraphQLSchema } from 'graphql';
import { GraphQLDateTimeISO } from 'graphql-scalars';
import { idempotentDirective, idempotentField } from '../../src/index.js';
import { apolloDoor } from './apollo-door.js';
import { describeDoor } from './battery.js';
import type { DoorContext } from './door.js';
import type { Declined, Payment, Payments } from './payments.js';

interface PothosTypes {
  Context: DoorContext;
  AuthScopes: { customer: boolean };
  Scalars: { DateTimeISO: { Input: Date; Output: Date } };
  Objects: { Payment: Payment; Declined: Declined };
}

function createSchema(payments: Payments): GraphQLSchema {
  const builder = new SchemaBuilder<PothosTypes>({
    plugins: [ScopeAuthPlugin],
    scopeAuth: { authScopes: ({ user }) => ({ customer: payments.admits(user) }) },
  });
  builder.addScalarType('DateTimeISO', GraphQLDateTimeISO);
  builder.objectType('Payment', {
    fields: (t) => ({
      id: t.exposeID('id'),
      amount: t.exposeInt('amount'),
      at: t.expose('at', { type: 'DateTimeISO' }),
    }),
  });
  builder.objectType('Declined', { fields: (t) => ({ reason: t.exposeString('reason') }) });
  const PayResult = builder.unionType('PayResult', {
    types: ['Payment', 'Declined'],
    resolveType: ({ kind }) => kind,
  });
  builder.queryType({ fields: (t) => ({ ping: t.string({ resolve: () => 'pong' }) }) });
  builder.mutationType({
    fields: (t) => ({
      pay: t.field({
        type: PayResult,
        args: { amount: t.arg.int({ required: true }), idempotencyKey: t.arg.string() },
        authScopes: { customer: true },
        ...idempotentField({}, (_root: object, { amount }: { amount: number }) =>
          payments.pay(amount),
        ),
      }),
      log: t.int({ args: { line: t.arg.string({ required: true }) }, resolve: () => 1 }),
    }),
  });
  return builder.toSchema({ directives: [...specifiedDirectives, idempotentDirective] });
}

describeDoor({ ...apolloDoor, name: 'Apollo Server with Pothos' }, createSchema);
