import {
  defaultTypeResolver,
  getNullableType,
  isAbstractType,
  isEnumType,
  isLeafType,
  isListType,
  isNonNullType,
  isObjectType,
  isScalarType,
  isSpecifiedScalarType,
  type GraphQLAbstractType,
  type GraphQLFieldResolver,
  type GraphQLObjectType,
  type GraphQLOutputType,
  type GraphQLScalarType,
  type GraphQLSchema,
} from 'graphql';

/**
 * Stands for an object whose fields are known already. Each of them is a property that gives its stub:
 * graphql's own resolver, which fields without one have, finds it there.
 */
class StubObject {
  readonly #typeName: string;

  constructor(type: GraphQLObjectType, schema: GraphQLSchema) {
    this.#typeName = type.name;
    for (const field of Object.values(type.getFields())) {
      // Asked for one by one: types lead to one another in circles.
      Object.defineProperty(this, field.name, { get: () => stubOf(field.type, schema) });
    }
  }

  /** The type that a stub stands for; `undefined` for anything else. Runs no code of the value. */
  static typeNameOf(value: unknown): string | undefined {
    return typeof value === 'object' && value !== null && #typeName in value
      ? value.#typeName
      : undefined;
  }
}

/** By type: nothing ever changes one. */
const stubObjects = new WeakMap<GraphQLObjectType, StubObject>();

/** Stands for the value of a custom scalar. */
const LEAF = Object.freeze({});

const BUILT_IN_LEAVES: Readonly<Record<string, unknown>> = {
  Int: 0,
  Float: 0,
  String: '',
  Boolean: false,
  ID: '',
};

/**
 * The smallest value of a type that the executor completes, without an error and without asking a
 * resolver, a type or a scalar of the schema: null where that is allowed. The schema has to be
 * prepared by {@link acceptStubs}.
 *
 * A stored response replaces whatever the executor makes of a stub, before anybody sees it.
 */
export function stubOf(wrapped: GraphQLOutputType, schema: GraphQLSchema): unknown {
  if (!isNonNullType(wrapped)) return null;
  const type = getNullableType(wrapped);
  if (isListType(type)) return [];
  if (isEnumType(type)) return type.getValues()[0]?.value;
  if (isLeafType(type)) return isSpecifiedScalarType(type) ? BUILT_IN_LEAVES[type.name] : LEAF;
  const concrete = concreteType(type, schema);
  const known = stubObjects.get(concrete) ?? new StubObject(concrete, schema);
  stubObjects.set(concrete, known);
  return known;
}

/** A server's own resolver for fields without one: it is not asked about stubs. */
export function besideStubs<TSource, TContext>(
  fieldResolver: GraphQLFieldResolver<TSource, TContext>,
): GraphQLFieldResolver<TSource, TContext> {
  return (source, args, context, info) =>
    StubObject.typeNameOf(source) === undefined
      ? fieldResolver(source, args, context, info)
      : stubOf(info.returnType, info.schema);
}

function concreteType(
  type: GraphQLObjectType | GraphQLAbstractType,
  schema: GraphQLSchema,
): GraphQLObjectType {
  if (isObjectType(type)) return type;
  const [first] = schema.getPossibleTypes(type);
  if (first === undefined) throw new Error(`${type.name} has no possible types.`);
  return first;
}

const prepared = new WeakSet<object>();

/**
 * Makes what the executor meets below a field of this type accept {@link stubOf}'s stubs. Changes
 * the types in place, once; for every other value they behave as before. A field without a resolver
 * stays without one: which resolver stands in for it is for the server to say, request by request.
 */
export function acceptStubs(returned: GraphQLOutputType, schema: GraphQLSchema): void {
  new StubPreparation(schema).prepare(returned);
}

class StubPreparation {
  readonly #schema: GraphQLSchema;

  constructor(schema: GraphQLSchema) {
    this.#schema = schema;
  }

  prepare(wrapped: GraphQLOutputType): void {
    // A null or an empty list leads no further.
    if (!isNonNullType(wrapped)) return;
    const type = getNullableType(wrapped);
    if (isListType(type) || isEnumType(type)) return;
    if (isScalarType(type)) this.#prepareScalar(type);
    else if (isAbstractType(type)) this.#prepareAbstract(type);
    else this.#prepareObject(type);
  }

  #prepareScalar(type: GraphQLScalarType): void {
    if (isSpecifiedScalarType(type) || isPrepared(type)) return;
    for (const method of ['serialize', 'coerceOutputValue'] as const) {
      const scalar = type as { [Name in typeof method]?: (value: unknown) => unknown };
      const original = scalar[method]?.bind(type);
      if (original !== undefined) {
        scalar[method] = (value) => (value === LEAF ? '' : original(value));
      }
    }
  }

  #prepareAbstract(type: GraphQLAbstractType): void {
    this.#prepareObject(concreteType(type, this.#schema));
    if (isPrepared(type)) return;
    const resolveType = type.resolveType ?? defaultTypeResolver;
    type.resolveType = (value, context, info, abstractType) =>
      StubObject.typeNameOf(value) ?? resolveType(value, context, info, abstractType);
  }

  #prepareObject(type: GraphQLObjectType): void {
    if (isPrepared(type)) return;
    const { isTypeOf } = type;
    if (isTypeOf != null) {
      type.isTypeOf = (value, context, info) =>
        StubObject.typeNameOf(value) === undefined
          ? isTypeOf(value, context, info)
          : StubObject.typeNameOf(value) === type.name;
    }
    for (const field of Object.values(type.getFields())) {
      if (field.resolve != null) field.resolve = besideStubs(field.resolve);
      this.prepare(field.type);
    }
  }
}

/** Whether it was prepared before; from now on it was. */
function isPrepared(type: object): boolean {
  if (prepared.has(type)) return true;
  prepared.add(type);
  return false;
}
