import {
  DirectiveLocation,
  GraphQLBoolean,
  GraphQLDirective,
  GraphQLEnumType,
  GraphQLInt,
  GraphQLString,
  isEnumType,
  printType,
  type GraphQLScalarType,
} from 'graphql';
import { OPTION_ROWS, type OptionRow } from '../../core/options/option-table.js';

/** The directive's name: `idempotent`. */
export const IDEMPOTENT = 'idempotent';

const policyRows = OPTION_ROWS.filter(([, { perMutation }]) => perMutation);

/**
 * `@idempotent`: on a mutation's definition it carries the policy, on a field of a client's
 * document the key. Its arguments have no defaults, because those would show up in documents.
 */
export const idempotentDirective = new GraphQLDirective({
  name: IDEMPOTENT,
  description:
    'On a mutation: a request that is sent again with the same key gets the first answer instead ' +
    'of a second effect. In a document: carries the key; the other arguments are ignored there.',
  locations: [DirectiveLocation.FIELD, DirectiveLocation.FIELD_DEFINITION],
  args: {
    key: {
      type: GraphQLString,
      description: 'The key of this request: 1 to 255 visible ASCII characters. In documents only.',
    },
    ...Object.fromEntries(
      policyRows.map(([name, row]) => [name, { type: typeOf(row), description: row.description }]),
    ),
  },
});

/** The SDL of `@idempotent` and its enums, to be put beside a schema's own type definitions. */
export const idempotentTypeDefs: string = [
  printDirective(idempotentDirective),
  ...idempotentDirective.args
    .map(({ type }) => type)
    .filter(isEnumType)
    .map(printType),
].join('\n\n');

function typeOf(row: OptionRow): GraphQLEnumType | GraphQLScalarType {
  switch (row.kind) {
    case 'whole number':
      return GraphQLInt;
    case 'true or false':
      return GraphQLBoolean;
    case 'text':
      return GraphQLString;
    case 'choice': {
      const values: Record<string, { readonly description: string }> = {};
      for (const [name, description] of Object.entries(row.choices)) values[name] = { description };
      return new GraphQLEnumType({ ...row.type, values });
    }
    default:
      return row satisfies never;
  }
}

function printDirective(directive: GraphQLDirective): string {
  const args = directive.args.map(({ name, type }) => `  ${name}: ${String(type)}`).join('\n');
  const locations = directive.locations.join(' | ');
  return `"""${String(directive.description)}"""\ndirective @${directive.name}(\n${args}\n) on ${locations}`;
}
