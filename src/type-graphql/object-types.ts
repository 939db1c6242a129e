import { getMetadataStorage } from 'type-graphql';
import { registry, type ResultClasses } from '../graphql/registry.js';

const SHARED = Symbol.for('graphql-idempotency.type-graphql.object-types');

type ResultClass = new () => object;

/**
 * Lets replays restore instances of `@ObjectType` classes. They are made as TypeGraphQL makes
 * them itself: with the constructor, without arguments, then their properties are assigned.
 */
export function shareObjectTypes(): void {
  const holder = globalThis as { [SHARED]?: true };
  if (holder[SHARED] === true) return;
  holder[SHARED] = true;
  registry.classes.add(objectTypes());
}

function objectTypes(): ResultClasses {
  const byName = new Map<string, ResultClass>();
  const names = new Map<object, string>();
  let known = -1;

  /** Classes are declared while modules load, so the list is read again when it has grown. */
  function refresh(): void {
    const { objectTypes: types } = getMetadataStorage();
    if (types.length === known) return;
    known = types.length;
    for (const { name, target } of types) {
      byName.set(name, target as ResultClass);
      names.set((target as ResultClass).prototype as object, name);
    }
  }

  return {
    nameOf(prototype) {
      refresh();
      return names.get(prototype);
    },
    revive(name, data) {
      refresh();
      const Class = byName.get(name);
      return Class && Object.assign(new Class(), data);
    },
  };
}
