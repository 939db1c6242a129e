import {
  getNamedType,
  getNullableType,
  isInputObjectType,
  isListType,
  Kind,
  type ConstValueNode,
  type GraphQLArgument,
  type GraphQLField,
  type GraphQLInputField,
  type GraphQLInputType,
} from 'graphql';
import { defaultOf, type Values } from '../graphql-version.js';

/** A place among a field's arguments: `['input', 'idempotencyKey']`. */
export type ArgumentPath = readonly string[];

/** The type at `path`, or `undefined` if the field has no such argument. Lists are not entered. */
export function typeAt(
  field: GraphQLField<unknown, unknown>,
  path: ArgumentPath,
): GraphQLInputType | undefined {
  const [name, ...rest] = path;
  let type = field.args.find((argument) => argument.name === name)?.type;
  for (const part of rest) type = type && inputField(type, part)?.type;
  return type;
}

/** The named field of an input object, or `undefined` if the type is none that has it. */
export function inputField(type: GraphQLInputType, name: string): GraphQLInputField | undefined {
  const nullable: unknown = getNullableType(type);
  if (!isInputObjectType(nullable)) return undefined;
  const fields = nullable.getFields();
  return Object.hasOwn(fields, name) ? fields[name] : undefined;
}

/** The value at `path`, or `undefined` where any part of it is absent. */
export function valueAt(args: Values, path: ArgumentPath): unknown {
  let value: unknown = args;
  for (const part of path) {
    if (typeof value !== 'object' || value === null || !Object.hasOwn(value, part)) {
      return undefined;
    }
    value = (value as Record<string, unknown>)[part];
  }
  return value;
}

/** Whether a value of this type can be a key. */
export function isKeyType(type: GraphQLInputType): boolean {
  const nullable = getNullableType(type);
  return !isListType(nullable) && ['String', 'ID'].includes(getNamedType(nullable).name);
}

/** An argument, or a field of an input object. */
type Input = GraphQLArgument | GraphQLInputField;

/** Whether the schema puts something at `path` of an input that a request leaves out. */
export function defaultSupplies(input: Input, path: ArgumentPath): boolean {
  const found = defaultOf(input);
  if (found === undefined) return false;
  if (found.kind === 'literal') return literalSupplies(input.type, found.node, path);
  return valueSupplies(input.type, found.value, path, found.kind === 'external');
}

/** Whether the schema puts something at `path` of a value that is there, but leaves that out. */
export function defaultsInside(type: GraphQLInputType, [name, ...rest]: ArgumentPath): boolean {
  const next = name === undefined ? undefined : inputField(type, name);
  return next !== undefined && (defaultSupplies(next, rest) || defaultsInside(next.type, rest));
}

function literalSupplies(
  type: GraphQLInputType,
  node: ConstValueNode,
  [name, ...rest]: ArgumentPath,
): boolean {
  if (name === undefined) return node.kind !== Kind.NULL;
  const next = inputField(type, name);
  if (next === undefined || node.kind !== Kind.OBJECT) return false;
  const part = node.fields.find((each) => each.name.value === name)?.value;
  return part === undefined ? defaultSupplies(next, rest) : literalSupplies(next.type, part, rest);
}

/** @param isSent - whether it is as a client would send it, and still lacks what defaults add */
function valueSupplies(
  type: GraphQLInputType,
  value: unknown,
  [name, ...rest]: ArgumentPath,
  isSent: boolean,
): boolean {
  if (value === undefined || value === null) return false;
  if (name === undefined) return true;
  const next = inputField(type, name);
  if (next === undefined || typeof value !== 'object') return false;
  const part = valueAt(value as Values, [name]);
  if (part === undefined && isSent) return defaultSupplies(next, rest);
  return valueSupplies(next.type, part, rest, isSent);
}
