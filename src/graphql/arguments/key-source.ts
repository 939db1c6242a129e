import {
  GraphQLString,
  Kind,
  type FieldNode,
  type GraphQLField,
  type GraphQLInputType,
  type OperationDefinitionNode,
  type ValueNode,
  type VariableDefinitionNode,
  type VariableNode,
} from 'graphql';
import { inputField, type ArgumentPath } from './argument-path.js';
import { IDEMPOTENT } from '../schema/directive.js';

/** A document's value at a place from which a field's key may come. */
export type KeySource =
  | { readonly kind: 'absent' }
  /** A variable, whose value is the key or has it at `rest`, where things are of type `type`. */
  | {
      readonly kind: 'variable';
      readonly variable: VariableNode;
      readonly type: GraphQLInputType;
      readonly rest: ArgumentPath;
    }
  /** The document itself. */
  | { readonly kind: 'literal'; readonly node: ValueNode }
  /** Something that cannot hold a key there, such as a list. */
  | { readonly kind: 'unreachable'; readonly node: ValueNode };

/** The value at `path` among the arguments of a selected field. */
export function argumentSource(
  field: GraphQLField<unknown, unknown>,
  node: FieldNode,
  [name = '', ...rest]: ArgumentPath,
): KeySource {
  const value = node.arguments?.find((argument) => argument.name.value === name)?.value;
  const input = field.args.find((argument) => argument.name === name);
  if (input === undefined || value === undefined) return { kind: 'absent' };
  return sourceIn(input.type, value, rest);
}

/** The value at `key` of the field's `@idempotent`. */
export function directiveSource(node: FieldNode): KeySource {
  const directive = node.directives?.find(({ name }) => name.value === IDEMPOTENT);
  const value = directive?.arguments?.find(({ name }) => name.value === 'key')?.value;
  return value === undefined ? { kind: 'absent' } : sourceIn(GraphQLString, value, []);
}

/** The value at `path` in a value of this type. */
function sourceIn(type: GraphQLInputType, value: ValueNode, path: ArgumentPath): KeySource {
  if (value.kind === Kind.NULL) return { kind: 'absent' };
  if (value.kind === Kind.VARIABLE) return { kind: 'variable', variable: value, type, rest: path };
  const [name, ...rest] = path;
  if (name === undefined) {
    const scalar = value.kind === Kind.STRING || value.kind === Kind.INT;
    return { kind: scalar ? 'literal' : 'unreachable', node: value };
  }
  const next = inputField(type, name);
  if (value.kind !== Kind.OBJECT || next === undefined) return { kind: 'unreachable', node: value };
  const part = value.fields.find((each) => each.name.value === name)?.value;
  return part === undefined ? { kind: 'absent' } : sourceIn(next.type, part, rest);
}

/** The variable of which this is the value or a part, if the document gives it a default for it. */
export function defaultedBy(
  source: KeySource,
  { variableDefinitions }: OperationDefinitionNode,
): VariableDefinitionNode | undefined {
  if (source.kind !== 'variable') return undefined;
  const { variable, type, rest } = source;
  const definition = variableDefinitions?.find(
    (each) => each.variable.name.value === variable.name.value,
  );
  const value = definition?.defaultValue;
  if (value === undefined || sourceIn(type, value, rest).kind === 'absent') return undefined;
  return definition;
}
