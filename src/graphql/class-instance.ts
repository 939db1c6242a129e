import { defaultFieldResolver, type GraphQLObjectType } from 'graphql';
import { registry } from './registry.js';

/** What is kept of an instance of a class. */
export interface ClassInstance {
  /** The registered name of its class; without one, only its data comes back. */
  readonly className: string | undefined;
  readonly data: Readonly<Record<string, unknown>>;
}

/**
 * What can be kept of an instance of a class, or `undefined` if something would be missed.
 *
 * @param type - the object type it stands for, if that is known
 */
export function instanceOf(
  object: object,
  type: GraphQLObjectType | undefined,
): ClassInstance | undefined {
  const data: Record<string, unknown> = Object.fromEntries(Object.entries(object));
  const prototype = Object.getPrototypeOf(object) as object;
  for (const classes of registry.classes) {
    const className = classes.nameOf(prototype);
    if (className === null) return undefined;
    if (className !== undefined) return { className, data };
  }
  // Without its class an instance keeps its data and what its getters say, but no methods.
  for (const level of prototypesOf(object)) {
    for (const [name, property] of Object.entries(Object.getOwnPropertyDescriptors(level))) {
      if (name === 'constructor') continue;
      if (property.get === undefined) {
        if (typeof property.value === 'function' && mayCall(type, name)) return undefined;
      } else if (!Object.hasOwn(data, name)) {
        data[name] = (object as Readonly<Record<string, unknown>>)[name];
      }
    }
  }
  return { className: undefined, data };
}

function* prototypesOf(object: object): Iterable<object> {
  let level = Object.getPrototypeOf(object) as object | null;
  while (level !== null && level !== Object.prototype) {
    yield level;
    level = Object.getPrototypeOf(level) as object | null;
  }
}

/** Whether a field's resolver could call the method: by its name, or by anything in custom code. */
function mayCall(type: GraphQLObjectType | undefined, method: string): boolean {
  if (type === undefined) return true;
  return Object.values(type.getFields()).some(
    ({ name, resolve }) =>
      name === method || (resolve ?? defaultFieldResolver) !== defaultFieldResolver,
  );
}
