import {
  getNullableType,
  isInputObjectType,
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
import { valueAt, type ArgumentPath } from '../graphql/argument-path.js';

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

/** The part of an argument, or of a field of an input object, that decides what is in it. */
type Input = Pick<GraphQLArgument | GraphQLInputField, 'type' | 'defaultValue'>;

/** What stands at `path` among the arguments of a selected field. */
export function argumentSource(
  field: GraphQLField<unknown, unknown>,
  node: FieldNode,
  [name = '', ...rest]: ArgumentPath,
): ArgumentSource {
  const value = node.arguments?.find((argument) => argument.name.value === name)?.value;
  const input = field.args.find((argument) => argument.name === name);
  return input === undefined ? { kind: 'absent' } : sourceIn(input, value, rest);
}

/** What stands at `path` in the value of an argument or of a field of an input object. */
export function sourceIn(
  input: Input,
  value: ValueNode | undefined,
  path: ArgumentPath,
): ArgumentSource {
  if (value === undefined) return { kind: defaultSupplies(input, path) ? 'default' : 'absent' };
  if (value.kind === Kind.NULL) return { kind: 'absent' };
  if (value.kind === Kind.VARIABLE) {
    return { kind: 'variable', variable: value, type: input.type, rest: path };
  }
  const [name, ...rest] = path;
  if (name === undefined) {
    const scalar = value.kind === Kind.STRING || value.kind === Kind.INT;
    return { kind: scalar ? 'literal' : 'unreachable', node: value };
  }
  const next = inputField(input.type, name);
  if (value.kind !== Kind.OBJECT || next === undefined) return { kind: 'unreachable', node: value };
  const part = value.fields.find((each) => each.name.value === name)?.value;
  return sourceIn(next, part, rest);
}

/** Whether the schema's defaults put a key at `path` of a value that leaves it out. */
export function defaultsInside(type: GraphQLInputType, [name, ...rest]: ArgumentPath): boolean {
  const next = name === undefined ? undefined : inputField(type, name);
  return next !== undefined && (defaultSupplies(next, rest) || defaultsInside(next.type, rest));
}

/** Whether a value of this type has, on the way to `path`, everything but its last part. */
export function mustHold(type: GraphQLInputType, [name = '', ...rest]: ArgumentPath): boolean {
  if (rest.length === 0) return true;
  const next = inputField(type, name);
  return next !== undefined && isRequiredInputField(next) && mustHold(next.type, rest);
}

function defaultSupplies({ defaultValue }: Input, path: ArgumentPath): boolean {
  const value = valueAt({ defaultValue }, ['defaultValue', ...path]);
  return value !== undefined && value !== null;
}

function inputField(type: GraphQLInputType, name: string): GraphQLInputField | undefined {
  const nullable: unknown = getNullableType(type);
  return isInputObjectType(nullable) ? nullable.getFields()[name] : undefined;
}
