import {
  Kind,
  type GraphQLInputType,
  type OperationDefinitionNode,
  type ValueNode,
  type VariableNode,
} from 'graphql';
import type { ArgumentPath } from '../graphql/argument-path.js';
import { defaultsInside, sourceIn } from './argument-source.js';
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

/**
 * What keeps it from giving a field the key that the client chose.
 *
 * @param filled - whether the client puts the key into it
 */
export function keyVariableProblem(
  { variable, type, rest }: KeyVariable,
  { variableDefinitions }: OperationDefinitionNode,
  filled: boolean,
): { readonly node?: ValueNode; readonly message: string } | undefined {
  const name = variable.name.value;
  const definition = variableDefinitions?.find((each) => each.variable.name.value === name);
  if (definition === undefined) return { message: explain.undeclared(name) };
  if (name === RESERVED_NAME) return { message: explain.reservedName };
  const node = definition.defaultValue;
  if (node !== undefined && node.kind !== Kind.NULL) {
    const inDefault = sourceIn({ type, defaultValue: undefined }, node, rest);
    if (inDefault.kind !== 'absent') return { node, message: explain.defaultKey(name) };
    if (filled) return { node, message: explain.replacedDefault(name) };
  }
  if (!filled && defaultsInside(type, rest)) {
    return { message: explain.schemaDefault(`$${name}`, rest) };
  }
  return undefined;
}
