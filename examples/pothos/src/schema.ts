import SchemaBuilder from '@pothos/core';
import ScopeAuthPlugin from '@pothos/plugin-scope-auth';
import { specifiedDirectives, type GraphQLResolveInfo, type GraphQLSchema } from 'graphql';
import { idempotencyOf, idempotentDirective, idempotentField } from 'graphql-idempotency';
import { GraphQLDateTimeISO } from 'graphql-scalars';
import type { Declined, Ledger, Payment } from './ledger.js';

/** Who calls. */
export interface Context {
  readonly user: string;
}

interface Types {
  Context: Context;
  AuthScopes: { openAccount: boolean };
  Scalars: { DateTimeISO: { Input: Date; Output: Date } };
  Objects: { Payment: Payment; Declined: Declined };
}

/** The schema. The door of `pay` is inside its `authScopes`, which are asked for replays too. */
export function createSchema(ledger: Ledger): GraphQLSchema {
  const builder = new SchemaBuilder<Types>({
    plugins: [ScopeAuthPlugin],
    scopeAuth: { authScopes: ({ user }) => ({ openAccount: ledger.isOpen(user) }) },
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
  builder.queryType({
    fields: (t) => ({
      payments: t.int({ resolve: (_root, _args, { user }) => ledger.countPayments(user) }),
    }),
  });
  builder.mutationType({
    fields: (t) => ({
      pay: t.field({
        type: PayResult,
        args: { amount: t.arg.int({ required: true }), idempotencyKey: t.arg.string() },
        authScopes: { openAccount: true },
        ...idempotentField(
          {},
          (
            _root: object,
            { amount }: { amount: number },
            { user }: Context,
            info: GraphQLResolveInfo,
          ) => ledger.pay(idempotencyOf(info), user, amount),
        ),
      }),
      closeAccount: t.boolean({
        authScopes: { openAccount: true },
        resolve: (_root, _args, { user }) => ledger.closeAccount(user),
      }),
    }),
  });
  return builder.toSchema({ directives: [...specifiedDirectives, idempotentDirective] });
}
