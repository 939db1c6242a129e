import {
  Kind,
  type GraphQLInputType,
  type OperationDefinitionNode,
  type ValueNode,
  type VariableDefinitionNode,
  type VariableNode,
} from 'graphql';
import { defaultsInside, type ArgumentPath } from '../graphql/argument-path.js';
import { mustHold, sourceIn } from './argument-source.js';
import { explain } from './explain.js';
import { RESERVED_NAME } from './reserved-name.js';

/** A variable that gives a field its key. */
export interface KeyVariable {
  readonly variable: VariableNode;
  /** Where the key stands inside of the variable; empty if the variable is the key. */
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

/**
 * What keeps it from giving a field the key that the client chose.
 *
 * @param filled - whether the client puts the key into it
 */
export function keyVariableProblem(
  { variable, type, rest }: KeyVariable,
  operation: OperationDefinitionNode,
  filled: boolean,
): { readonly node?: ValueNode; readonly message: string } | undefined {
  const name = variable.name.value;
  const definition = definitionOf(variable, operation);
  if (definition === undefined) return { message: explain.undeclared(name) };
  if (name === RESERVED_NAME) return { message: explain.reservedName };
  const node = definition.defaultValue;
  if (node !== undefined) {
    const inDefault = sourceIn(type, node, rest);
    if (inDefault.kind !== 'absent') return { node, message: explain.defaultKey(name) };
  }
  if (!filled && defaultsInside(type, rest)) {
    return { message: explain.schemaDefault(`$${name}`, rest) };
  }
  return undefined;
}

function definitionOf(
  variable: VariableNode,
  { variableDefinitions }: OperationDefinitionNode,
): VariableDefinitionNode | undefined {
  return variableDefinitions?.find((each) => each.variable.name.value === variable.name.value);
}
