import { getMetadataStorage } from 'type-graphql';
import { registry, type ResultClasses } from '../graphql/registry.js';

const SHARED = Symbol.for('graphql-idempotency.type-graphql.object-types');

interface ResultClass {
  new (): object;
  readonly prototype: object;
}

/**
 * Lets replays restore instances of `@ObjectType` classes. They are made as TypeGraphQL makes them
 * itself: by the constructor, without arguments; then their properties are assigned.
 */
export function shareObjectTypes(): void {
  const holder = globalThis as { [SHARED]?: true };
  if (holder[SHARED] === true) return;
  holder[SHARED] = true;
  registry.classes.add(objectTypes());
}

function objectTypes(): ResultClasses {
  const classes = new Map<string, ResultClass>();
  const names = new Map<object, string>();
  const constructible = new Map<ResultClass, boolean>();
  let known = -1;

  /** Classes are declared while modules load, so the list is read again when it has grown. */
  function refresh(): void {
    const { objectTypes: types } = getMetadataStorage();
    if (types.length === known) return;
    known = types.length;
    const ambiguous = new Set<string>();
    for (const { name, target } of types) {
      const Class = target as ResultClass;
      if ((classes.get(name) ?? Class) !== Class) ambiguous.add(name);
      classes.set(name, Class);
      names.set(Class.prototype, name);
    }
    // Two classes of one name, in two schemas of one process: a replay could take the wrong one.
    for (const name of ambiguous) classes.delete(name);
  }

  /** One whose constructor needs arguments cannot be restored, not even by TypeGraphQL. */
  function isConstructible(Class: ResultClass): boolean {
    let answer = constructible.get(Class);
    if (answer === undefined) {
      try {
        answer = new Class() instanceof Class;
      } catch {
        answer = false;
      }
      constructible.set(Class, answer);
    }
    return answer;
  }

  return {
    nameOf(prototype) {
      refresh();
      const name = names.get(prototype);
      if (name === undefined) return undefined;
      const Class = classes.get(name);
      return Class !== undefined && isConstructible(Class) ? name : null;
    },
    create(name) {
      refresh();
      const Class = classes.get(name);
      return Class && new Class();
    },
  };
}
