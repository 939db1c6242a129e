import {
  getNullableType,
  isEnumType,
  isInputObjectType,
  isListType,
  type GraphQLField,
  type GraphQLInputType,
} from 'graphql';
import type { Reading } from '../../core/fingerprint.js';

/**
 * Reads the coerced arguments of a field so that equal requests read equally: enum values by name, and
 * without the paths in `omitted`, as in `input.idempotencyKey`.
 */
export function normalizerOfArguments(
  field: GraphQLField<unknown, unknown>,
  omitted: ReadonlySet<string>,
): Reading {
  const types = new Map(field.args.map(({ name, type }) => [name, type]));
  return { members: membersOf(types, omitted, '', new Map()) };
}

/** Readings of types beneath which nothing is omitted: they are shared, and may be cyclic. */
type Known = Map<GraphQLInputType, Reading>;

function membersOf(
  types: ReadonlyMap<string, GraphQLInputType>,
  omitted: ReadonlySet<string>,
  prefix: string,
  known: Known,
): Map<string, Reading | 'omitted'> {
  const members = new Map<string, Reading | 'omitted'>();
  // Also names that the schema does not have: whoever calls the resolver may add some.
  for (const path of omitted)
    if (isDirectlyBelow(prefix, path)) members.set(path.slice(prefix.length), 'omitted');
  for (const [name, type] of types) {
    if (!members.has(name)) members.set(name, readingOf(type, omitted, prefix + name, known));
  }
  return members;
}

function isDirectlyBelow(prefix: string, path: string): boolean {
  return path.startsWith(prefix) && !path.includes('.', prefix.length);
}

function readingOf(
  wrapped: GraphQLInputType,
  omitted: ReadonlySet<string>,
  path: string,
  known: Known,
): Reading {
  const type = getNullableType(wrapped);
  const below = `${path}.`;
  const shared = ![...omitted].some((other) => other.startsWith(below));
  const before = shared ? known.get(type) : undefined;
  if (before !== undefined) return before;
  const reading: { -readonly [Name in keyof Reading]: Reading[Name] } = {};
  // Before what is inside of it, which may lead back to it.
  if (shared) known.set(type, reading);
  if (isListType(type)) {
    reading.items = readingOf(type.ofType, omitted, path, known);
  } else if (isInputObjectType(type)) {
    const fields = Object.values(type.getFields());
    const types = new Map(fields.map((field) => [field.name, field.type]));
    reading.members = membersOf(types, omitted, below, known);
  } else {
    // Scalars of graphql's own are plain data, and custom ones are compared by what the client sent.
    if (isEnumType(type)) reading.leaf = (value) => type.serialize(value);
  }
  return reading;
}
