import 'reflect-metadata';
import { printSchemaWithDirectives } from '@graphql-tools/utils';
import { lexicographicSortSchema, specifiedDirectives, type GraphQLSchema } from 'graphql';
import { buildSchemaSync } from 'type-graphql';
import { idempotentDirective } from '../../index.js';
import type { ServerContext } from '../context.js';
import { AccountResolver } from './account-resolver.js';
import { PaymentResolver } from './payment-resolver.js';
import { checkTexts } from './text-inputs.js';

/** The server's schema. */
export function createSchema(): GraphQLSchema {
  return buildSchemaSync({
    resolvers: [AccountResolver, PaymentResolver],
    directives: [...specifiedDirectives, idempotentDirective],
    authChecker: ({ context }: { context: ServerContext }) => context.caller !== null,
    validate: false,
    validateFn: checkTexts,
  });
}

/** Its SDL, with the directive's definition and its uses. */
export function printServerSchema(): string {
  return `${printSchemaWithDirectives(lexicographicSortSchema(createSchema()))}\n`;
}
