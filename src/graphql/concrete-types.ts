import {
  defaultTypeResolver,
  isAbstractType,
  isObjectType,
  type GraphQLAbstractType,
  type GraphQLObjectType,
  type GraphQLSchema,
} from 'graphql';
import { registry } from './registry.js';

const prepared = new WeakSet<object>();

/**
 * Makes the schema's abstract types recognise replayed objects, whose classes and other marks may
 * be gone, by the concrete type that was recorded for them. Changes the types in place; doing it
 * again changes nothing.
 */
export function recogniseReplayedObjects(schema: GraphQLSchema): void {
  for (const type of Object.values(schema.getTypeMap())) {
    if (prepared.has(type)) continue;
    if (isAbstractType(type)) {
      prepared.add(type);
      recogniseInResolveType(type);
    } else if (isObjectType(type) && type.isTypeOf != null) {
      prepared.add(type);
      recogniseInIsTypeOf(type);
    }
  }
}

function recogniseInResolveType(type: GraphQLAbstractType): void {
  const resolveType = type.resolveType ?? defaultTypeResolver;
  type.resolveType = (value, context, info, abstractType) =>
    recordedName(value) ?? resolveType(value, context, info, abstractType);
}

function recogniseInIsTypeOf(type: GraphQLObjectType): void {
  const isTypeOf = type.isTypeOf;
  type.isTypeOf = (value, context, info) => {
    const name = recordedName(value);
    return name === undefined ? (isTypeOf?.(value, context, info) ?? false) : name === type.name;
  };
}

function recordedName(value: unknown): string | undefined {
  return typeof value === 'object' && value !== null ? registry.typeNames.get(value) : undefined;
}
