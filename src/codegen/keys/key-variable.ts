import {
  isRequiredInputField,
  Kind,
  type GraphQLInputType,
  type OperationDefinitionNode,
  type ValueNode,
  type VariableDefinitionNode,
  type VariableNode,
} from 'graphql';
import { inputField, type ArgumentPath } from '../../graphql/arguments/argument-path.js';
import { defaultedBy } from '../../graphql/arguments/key-source.js';
import { explain } from '../explain.js';
import { RESERVED_NAME } from './reserved-name.js';

/** A variable that gives a field its key. */
export interface KeyVariable {
  readonly variable: VariableNode;
  /** The path of the key inside the variable; empty if the variable is the key. */
  readonly rest: ArgumentPath;
  /** The type of the place where the variable stands. */
  readonly type: GraphQLInputType;
}

/** Whether there is always something at the place for a client to put the key into. */
export function isAlwaysThere(
  { variable, rest, type }: KeyVariable,
  operation: OperationDefinitionNode,
): boolean {
  if (rest.length === 0) return true;
  const definition = definitionOf(variable, operation);
  const isGiven =
    definition?.type.kind === Kind.NON_NULL_TYPE && definition.defaultValue === undefined;
  return isGiven && mustHold(type, rest);
}

/** The reason why a field would not get the key that the client chose. */
export function keyVariableProblem(
  { variable, type, rest }: KeyVariable,
  operation: OperationDefinitionNode,
): { readonly node?: ValueNode; readonly message: string } | undefined {
  const name = variable.name.value;
  const definition = definitionOf(variable, operation);
  if (definition === undefined) return { message: explain.undeclared(name) };
  if (name === RESERVED_NAME) return { message: explain.reservedName };
  const defaulted = defaultedBy({ kind: 'variable', variable, type, rest }, operation);
  const node = defaulted?.defaultValue;
  return node && { node, message: explain.defaultKey(name) };
}

/** Whether a value of this type has, on the way to `path`, everything but its last part. */
function mustHold(type: GraphQLInputType, [name = '', ...rest]: ArgumentPath): boolean {
  if (rest.length === 0) return true;
  const next = inputField(type, name);
  return next !== undefined && isRequiredInputField(next) && mustHold(next.type, rest);
}

function definitionOf(
  variable: VariableNode,
  { variableDefinitions }: OperationDefinitionNode,
): VariableDefinitionNode | undefined {
  return variableDefinitions?.find((each) => each.variable.name.value === variable.name.value);
}
