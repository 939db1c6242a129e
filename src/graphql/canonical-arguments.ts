import {
  getNullableType,
  isEnumType,
  isInputObjectType,
  isListType,
  isScalarType,
  type GraphQLField,
  type GraphQLInputType,
} from 'graphql';
import { UncanonicalValueError } from '../core/fingerprint.js';

/** Deeper than the fingerprint accepts, so that it is the one to refuse. */
const DEPTH_MAX = 70;

/**
 * The coerced arguments of a field in a form that two equal requests share: enum values by name,
 * values of custom scalars as they are serialized if they are not plain data, and without the
 * paths in `omitted`.
 *
 * @throws UncanonicalValueError when a scalar cannot be serialized
 */
export function canonicalArguments(
  field: GraphQLField<unknown, unknown>,
  args: Readonly<Record<string, unknown>>,
  omitted: ReadonlySet<string>,
): Map<string, unknown> {
  const types = new Map(field.args.map(({ name, type }) => [name, type]));
  return canonicalMembers(args, (name) => types.get(name), omitted, '', 0);
}

/** A Map, so that no argument name can mean anything to JavaScript. */
function canonicalMembers(
  members: object,
  typeOf: (name: string) => GraphQLInputType | undefined,
  omitted: ReadonlySet<string>,
  prefix: string,
  depth: number,
): Map<string, unknown> {
  const canonical = new Map<string, unknown>();
  for (const [name, value] of Object.entries(members)) {
    const path = prefix + name;
    if (value === undefined || omitted.has(path)) continue;
    canonical.set(name, canonicalInput(value, typeOf(name), omitted, path, depth + 1));
  }
  return canonical;
}

function canonicalInput(
  value: unknown,
  wrapped: GraphQLInputType | undefined,
  omitted: ReadonlySet<string>,
  path: string,
  depth: number,
): unknown {
  if (wrapped === undefined || value === null || depth > DEPTH_MAX) return value;
  const type = getNullableType(wrapped);
  if (isListType(type) && Array.isArray(value)) {
    return value.map((item: unknown) =>
      canonicalInput(item, type.ofType, omitted, path, depth + 1),
    );
  }
  if (isInputObjectType(type) && typeof value === 'object') {
    const fields = type.getFields();
    const typeOf = (name: string): GraphQLInputType | undefined =>
      Object.hasOwn(fields, name) ? fields[name]?.type : undefined;
    return canonicalMembers(value, typeOf, omitted, `${path}.`, depth);
  }
  if (isEnumType(type)) return serialized(() => type.serialize(value), path);
  if (isScalarType(type) && isInstance(value)) return serialized(() => type.serialize(value), path);
  return value;
}

function serialized(serialize: () => unknown, path: string): unknown {
  try {
    return serialize();
  } catch {
    throw new UncanonicalValueError(path, 'cannot be serialized, so it cannot be compared');
  }
}

/** Built-in classes that the fingerprint knows by value. */
const KNOWN = [Date, Map, Set, ArrayBuffer, Array];

/** Whether the value is of a class whose meaning only its scalar knows. */
function isInstance(value: unknown): value is object {
  if (typeof value !== 'object' || value === null) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype === null || prototype === Object.prototype) return false;
  return !ArrayBuffer.isView(value) && !KNOWN.some((known) => value instanceof known);
}
