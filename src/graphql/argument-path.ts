import {
  getNamedType,
  getNullableType,
  isInputObjectType,
  isListType,
  type GraphQLField,
  type GraphQLInputType,
} from 'graphql';

/** A place among a field's arguments: `['input', 'idempotencyKey']`. */
export type ArgumentPath = readonly string[];

/** The type at `path`, or `undefined` if the field has no such argument. Lists are not entered. */
export function typeAt(
  field: GraphQLField<unknown, unknown>,
  path: ArgumentPath,
): GraphQLInputType | undefined {
  const [name, ...rest] = path;
  let type = field.args.find((argument) => argument.name === name)?.type;
  for (const part of rest) {
    const parent: unknown = type === undefined ? undefined : getNullableType(type);
    type = isInputObjectType(parent) ? parent.getFields()[part]?.type : undefined;
  }
  return type;
}

/** The value at `path`, or `undefined` where any part of it is absent. */
export function valueAt(args: Readonly<Record<string, unknown>>, path: ArgumentPath): unknown {
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
