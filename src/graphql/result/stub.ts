import {
  defaultFieldResolver,
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

/** The resolver that a server gives to fields without one, if it has been told. */
export type FieldResolverOf = (
  context: unknown,
) => GraphQLFieldResolver<unknown, unknown> | undefined;

/** Stands for an object whose fields are known already. */
class StubObject {
  readonly #typeName: string;

  constructor(typeName: string) {
    this.#typeName = typeName;
  }

  /** The type that a stub stands for; `undefined` for anything else. Runs no code of the value. */
  static typeNameOf(value: unknown): string | undefined {
    return typeof value === 'object' && value !== null && #typeName in value
      ? value.#typeName
      : undefined;
  }
}

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
 * What the executor makes of a stub is replaced by a stored response before anybody sees it.
 */
export function stubOf(wrapped: GraphQLOutputType, schema: GraphQLSchema): unknown {
  if (!isNonNullType(wrapped)) return null;
  const type = getNullableType(wrapped);
  if (isListType(type)) return [];
  if (isEnumType(type)) return type.getValues()[0]?.value;
  if (isLeafType(type)) return isSpecifiedScalarType(type) ? BUILT_IN_LEAVES[type.name] : LEAF;
  return new StubObject(concreteType(type, schema).name);
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
 * the types in place, once; for every other value they behave as before.
 */
export function acceptStubs(
  returned: GraphQLOutputType,
  schema: GraphQLSchema,
  fieldResolverOf: FieldResolverOf,
): void {
  new StubPreparation(schema, fieldResolverOf).prepare(returned);
}

class StubPreparation {
  readonly #schema: GraphQLSchema;
  readonly #fieldResolverOf: FieldResolverOf;

  constructor(schema: GraphQLSchema, fieldResolverOf: FieldResolverOf) {
    this.#schema = schema;
    this.#fieldResolverOf = fieldResolverOf;
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
      const { resolve, type: fieldType } = field;
      const stub = (): unknown => stubOf(fieldType, this.#schema);
      field.resolve = (source, args, context, info) => {
        if (StubObject.typeNameOf(source) !== undefined) return stub();
        const resolver = resolve ?? this.#fieldResolverOf(context) ?? defaultFieldResolver;
        return resolver(source, args, context, info);
      };
      this.prepare(fieldType);
    }
  }
}

/** Whether it was prepared before; from now on it was. */
function isPrepared(type: object): boolean {
  if (prepared.has(type)) return true;
  prepared.add(type);
  return false;
}
