import {
  getNamedType,
  isInputObjectType,
  isScalarType,
  specifiedScalarTypes,
  type GraphQLField,
  type GraphQLInputType,
  type GraphQLScalarType,
} from 'graphql';

/** Whether a scalar is none of graphql's own: only itself knows what its values mean. */
export function isCustomScalar(type: GraphQLScalarType): boolean {
  // By identity: the name of one of graphql's own can be given to another scalar.
  return !specifiedScalarTypes.includes(type);
}

const withCustomScalars = new WeakMap<object, boolean>();

/** Whether the arguments of a field may have a custom scalar among them. */
export function hasCustomScalars(field: GraphQLField<unknown, unknown>): boolean {
  let known = withCustomScalars.get(field);
  if (known === undefined) {
    known = field.args.some(({ type }) => reachesCustomScalar(type));
    withCustomScalars.set(field, known);
  }
  return known;
}

const reaching = new WeakMap<GraphQLInputType, boolean>();

/** Whether a value of this type may have a custom scalar in it. */
export function reachesCustomScalar(
  wrapped: GraphQLInputType,
  under = new Set<GraphQLInputType>(),
): boolean {
  const type = getNamedType(wrapped);
  if (isScalarType(type)) return isCustomScalar(type);
  if (!isInputObjectType(type) || under.has(type)) return false;
  const known = reaching.get(type);
  if (known !== undefined) return known;
  under.add(type);
  const found = Object.values(type.getFields()).some((field) =>
    reachesCustomScalar(field.type, under),
  );
  // Inside of a cycle a no is not the last word.
  if (found || under.size === 1) reaching.set(type, found);
  under.delete(type);
  return found;
}
