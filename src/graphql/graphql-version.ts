import {
  getArgumentValues,
  getDirectiveValues,
  getVariableValues,
  versionInfo,
  type ConstValueNode,
  type FieldNode,
  type GraphQLArgument,
  type GraphQLDirective,
  type GraphQLField,
  type GraphQLInputField,
  type GraphQLResolveInfo,
  type GraphQLSchema,
  type OperationDefinitionNode,
  type SelectionNode,
} from 'graphql';

/*
 * graphql 16 and 17 differ in what `getVariableValues` gives, in the form of the variables that
 * resolvers see, and in how a default value is kept. Nothing outside of this file knows which of them
 * is installed.
 */

/** Values by name. */
export type Values = Readonly<Record<string, unknown>>;

/** The coerced variables of an operation, in the form in which resolvers get them. */
export type Variables = GraphQLResolveInfo['variableValues'];

/** The part of graphql's version that matters. */
export type VersionInfo = Pick<typeof versionInfo, 'major' | 'minor'>;

const OLDEST = { major: 16, minor: 12 };
const NEWEST_MAJOR = 17;

/** The reason why this version of graphql cannot be used, in one sentence; `undefined` if it can be. */
export function unsupportedGraphql({ major, minor }: VersionInfo = versionInfo):
  string | undefined {
  const tooOld = major < OLDEST.major || (major === OLDEST.major && minor < OLDEST.minor);
  if (!tooOld && major <= NEWEST_MAJOR) return undefined;
  return (
    `graphql ${major}.${minor} is installed, but only graphql ${OLDEST.major} from ` +
    `${OLDEST.major}.${OLDEST.minor} on and graphql ${NEWEST_MAJOR} are supported.`
  );
}

const is16 = versionInfo.major <= 16;

/**
 * The coerced variables of an operation, or `undefined` if they are wrong: then nothing will run,
 * and the executor says why.
 */
export function coerceVariables(
  schema: GraphQLSchema,
  operation: OperationDefinitionNode,
  raw: Values | undefined,
): Variables | undefined {
  const found: { readonly coerced?: Variables; readonly variableValues?: Variables } =
    getVariableValues(schema, operation.variableDefinitions ?? [], raw ?? {});
  return is16 ? found.coerced : found.variableValues;
}

/**
 * The coerced arguments of a selected field.
 *
 * @throws GraphQLError if they are wrong
 */
export function argumentsOf(
  field: GraphQLField<unknown, unknown>,
  node: FieldNode,
  variables: Variables,
): Values {
  return getArgumentValues(field, node, variables);
}

/**
 * The coerced arguments of a directive where it stands in a document, or `undefined` if it does not.
 *
 * @throws GraphQLError if they are wrong
 */
export function directiveArguments(
  directive: GraphQLDirective,
  node: Pick<SelectionNode, 'directives'>,
  variables?: Variables,
): Values | undefined {
  return getDirectiveValues(directive, node, variables);
}

/** The default of an argument, or of a field of an input object, that is left out. */
export type InputDefault =
  /** As it stands in the SDL. */
  | { readonly kind: 'literal'; readonly node: ConstValueNode }
  /** As a client would send it. */
  | { readonly kind: 'external'; readonly value: unknown }
  /** As a resolver gets it. */
  | { readonly kind: 'internal'; readonly value: unknown };

/** The properties that graphql 17 has beside `defaultValue`. */
interface Input17 {
  readonly default?: { readonly value?: unknown; readonly literal?: ConstValueNode } | undefined;
}

/** The default value of an argument or of a field of an input object, if it has one. */
export function defaultOf(input: GraphQLArgument | GraphQLInputField): InputDefault | undefined {
  const { default: given } = input as Input17;
  if (given?.literal !== undefined) return { kind: 'literal', node: given.literal };
  if (given !== undefined) return { kind: 'external', value: given.value };
  const value: unknown = input.defaultValue;
  return value === undefined ? undefined : { kind: 'internal', value };
}
