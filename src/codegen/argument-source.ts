import {
  isRequiredInputField,
  Kind,
  type FieldNode,
  type GraphQLArgument,
  type GraphQLField,
  type GraphQLInputField,
  type GraphQLInputType,
  type ValueNode,
  type VariableNode,
} from 'graphql';
import { defaultSupplies, inputField, type ArgumentPath } from '../graphql/argument-path.js';

/** What gives a field its key at one place among its arguments. */
export type ArgumentSource =
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
  /** The schema, because the document leaves the place out. */
  | { readonly kind: 'default' }
  /** Something that cannot hold a key there, such as a list. */
  | { readonly kind: 'unreachable'; readonly node: ValueNode };

/** What stands at `path` among the arguments of a selected field. */
export function argumentSource(
  field: GraphQLField<unknown, unknown>,
  node: FieldNode,
  [name = '', ...rest]: ArgumentPath,
): ArgumentSource {
  const value = node.arguments?.find((argument) => argument.name.value === name)?.value;
  const input = field.args.find((argument) => argument.name === name);
  return input === undefined ? { kind: 'absent' } : sourceOf(input, value, rest);
}

/** What stands at `path` of an argument or of a field of an input object. */
function sourceOf(
  input: GraphQLArgument | GraphQLInputField,
  value: ValueNode | undefined,
  path: ArgumentPath,
): ArgumentSource {
  if (value !== undefined) return sourceIn(input.type, value, path);
  return { kind: defaultSupplies(input, path) ? 'default' : 'absent' };
}

/** What stands at `path` in a value of this type. */
export function sourceIn(
  type: GraphQLInputType,
  value: ValueNode,
  path: ArgumentPath,
): ArgumentSource {
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
  return sourceOf(next, part, rest);
}

/** Whether a value of this type has, on the way to `path`, everything but its last part. */
export function mustHold(type: GraphQLInputType, [name = '', ...rest]: ArgumentPath): boolean {
  if (rest.length === 0) return true;
  const next = inputField(type, name);
  return next !== undefined && isRequiredInputField(next) && mustHold(next.type, rest);
}
