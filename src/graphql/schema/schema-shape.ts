import { crc32 } from 'node:zlib';
import {
  isAbstractType,
  isEnumType,
  isInterfaceType,
  isObjectType,
  type GraphQLSchema,
} from 'graphql';

const known = new WeakMap<GraphQLSchema, number>();

/**
 * A checksum of what results can look like in a schema: object types and their fields, the members of
 * unions, the values of enums. Another one says that a deploy came between a record and its replay.
 * Never 0.
 */
export function schemaShape(schema: GraphQLSchema): number {
  const before = known.get(schema);
  if (before !== undefined) return before;
  const lines: string[] = [];
  for (const type of Object.values(schema.getTypeMap())) {
    if (type.name.startsWith('__')) continue;
    if (isObjectType(type) || isInterfaceType(type)) {
      for (const field of Object.values(type.getFields())) {
        lines.push(`${type.name}.${field.name}:${String(field.type)}`);
      }
    }
    if (isAbstractType(type)) {
      for (const member of schema.getPossibleTypes(type)) lines.push(`${type.name}|${member.name}`);
    }
    if (isEnumType(type)) {
      for (const { name } of type.getValues()) lines.push(`${type.name}=${name}`);
    }
  }
  const shape = crc32(lines.sort().join('\n')) || 1;
  known.set(schema, shape);
  return shape;
}
