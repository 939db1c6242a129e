import {
  DirectiveLocation,
  GraphQLBoolean,
  GraphQLDirective,
  GraphQLEnumType,
  GraphQLInt,
  GraphQLString,
  printType,
} from 'graphql';

/** The directive's name: `idempotent`. */
export const IDEMPOTENT = 'idempotent';

const onErrorType = new GraphQLEnumType({
  name: 'IdempotentOnError',
  description: 'What happens to an idempotency key when the mutation fails without an outcome.',
  values: {
    RELEASE: { description: 'A retry runs the mutation again.' },
    SEAL: { description: 'A retry is refused.' },
  },
});

const onCrashType = new GraphQLEnumType({
  name: 'IdempotentOnCrash',
  description: 'What happens to an idempotency key when the server dies during the mutation.',
  values: {
    REJECT: { description: 'A retry is told that the outcome is unknown.' },
    RERUN: { description: 'A retry runs the mutation again.' },
  },
});

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
    ttlSeconds: { type: GraphQLInt, description: 'How long an outcome is kept, in seconds.' },
    required: { type: GraphQLBoolean, description: 'Whether a request without a key is refused.' },
    argument: {
      type: GraphQLString,
      description: 'The argument that carries the key, as in "input.requestId".',
    },
    waitMs: {
      type: GraphQLInt,
      description: 'How long a duplicate waits for the first answer, in milliseconds.',
    },
    leaseMs: {
      type: GraphQLInt,
      description: 'How long a silent server keeps its claim, in milliseconds.',
    },
    onError: { type: onErrorType, description: 'After a failure without an outcome.' },
    onCrash: { type: onCrashType, description: 'After the server died.' },
  },
});

/** The SDL of `@idempotent` and its enums, to be put beside a schema's own type definitions. */
export const idempotentTypeDefs: string = [
  printDirective(idempotentDirective),
  printType(onErrorType),
  printType(onCrashType),
].join('\n\n');

function printDirective(directive: GraphQLDirective): string {
  const args = directive.args.map(({ name, type }) => `  ${name}: ${String(type)}`).join('\n');
  const locations = directive.locations.join(' | ');
  return `"""${String(directive.description)}"""\ndirective @${directive.name}(\n${args}\n) on ${locations}`;
}
