import {
  getNullableType,
  isAbstractType,
  isEnumType,
  isListType,
  isObjectType,
  type GraphQLOutputType,
} from 'graphql';
import { builtInOf } from '../core/codec.js';
import { isPlainObject } from '../core/plain-object.js';

/** How many objects are looked at, and how deep, before a walk with a memory takes over. */
const OBJECTS_MAX = 10_000;
const DEPTH_MAX = 16;

/**
 * Whether a value is plain data about which its type knows nothing that a replay would miss, as most
 * results are. Cheap, because it remembers nothing; a shared object is looked at each time.
 */
export function isEvident(value: unknown, type: GraphQLOutputType | undefined): boolean {
  return new Look().isEvident(value, type, 0);
}

class Look {
  #objectsLeft = OBJECTS_MAX;

  isEvident(value: unknown, wrapped: GraphQLOutputType | undefined, depth: number): boolean {
    if (typeof value !== 'object' || value === null) return true;
    this.#objectsLeft -= 1;
    if (this.#objectsLeft < 0 || depth > DEPTH_MAX) return false;
    const type = wrapped === undefined ? undefined : getNullableType(wrapped);
    if (isAbstractType(type) || isEnumType(type)) return false;
    if (Array.isArray(value)) {
      const itemType = isListType(type) ? type.ofType : undefined;
      for (const item of value) if (!this.isEvident(item, itemType, depth + 1)) return false;
      return true;
    }
    if (isPlainObject(value)) return this.#areMembersEvident(value, type, depth + 1);
    return builtInOf(value) === 'Date';
  }

  #areMembersEvident(object: object, type: GraphQLOutputType | undefined, depth: number): boolean {
    if (isObjectType(type) && type.isTypeOf != null) return false;
    const fields = isObjectType(type) ? type.getFields() : undefined;
    for (const name of Object.keys(object)) {
      const member = (object as Readonly<Record<string, unknown>>)[name];
      if (typeof member !== 'object' || member === null) continue;
      const field = fields !== undefined && Object.hasOwn(fields, name) ? fields[name] : undefined;
      if (!this.isEvident(member, field?.type, depth)) return false;
    }
    return true;
  }
}
