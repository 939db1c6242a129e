import { registry, type ResultClasses } from '../schema/registry.js';

/** A class that a framework knows as an object type. */
export interface ObjectTypeClass {
  /** The name of the type. */
  readonly name: string;
  readonly prototype: object;
}

/** A framework's registry of object types. */
export interface ObjectTypeSource {
  /** Names the framework: one of its types is nobody else's. */
  readonly framework: string;
  /** The current number of types. */
  count(): number;
  types(): Iterable<ObjectTypeClass>;
}

/**
 * Lets replays restore instances of a framework's object types: by `Object.create`, so that no
 * constructor and no initialiser adds what was not recorded. Once for each framework in a process.
 */
export function shareObjectTypes(source: ObjectTypeSource): void {
  const shared = Symbol.for(`graphql-idempotency.${source.framework}.object-types`);
  const holder = globalThis as { [key: symbol]: true | undefined };
  if (holder[shared] === true) return;
  holder[shared] = true;
  registry.classes.add(new ObjectTypes(source));
}

class ObjectTypes implements ResultClasses {
  readonly #source: ObjectTypeSource;
  readonly #prototypes = new Map<string, object>();
  readonly #names = new Map<object, string>();
  #known = -1;

  constructor(source: ObjectTypeSource) {
    this.#source = source;
  }

  nameOf(prototype: object): string | undefined {
    this.#refresh();
    return this.#names.get(prototype);
  }

  prototypeOf(name: string): object | undefined {
    this.#refresh();
    return this.#prototypes.get(name);
  }

  /** Classes are declared while modules load, so the list is read again when it has grown. */
  #refresh(): void {
    const count = this.#source.count();
    if (count === this.#known) return;
    this.#known = count;
    const ambiguous = new Set<string>();
    for (const { name, prototype } of this.#source.types()) {
      if ((this.#prototypes.get(name) ?? prototype) !== prototype) ambiguous.add(name);
      this.#prototypes.set(name, prototype);
      if (isRestorable(prototype)) this.#names.set(prototype, name);
    }
    // Two classes of one name, in two schemas of one process: a replay could take the wrong one.
    for (const [prototype, name] of this.#names) {
      if (ambiguous.has(name)) this.#names.delete(prototype);
    }
    for (const name of ambiguous) this.#prototypes.delete(name);
  }
}

/**
 * The signs in a class's source that its instances may hold more than their properties: `#private`
 * members, and their compiled forms. A false alarm costs little: such a result is kept as a response.
 */
const HIDDEN_STATE = /#|private|WeakMap|WeakSet/i;
const NATIVE = /\[native code\]/;

/** Whether an instance is nothing but its properties, as far as its classes tell. */
function isRestorable(prototype: object): boolean {
  let level: object | null = prototype;
  while (level !== null && level !== Object.prototype) {
    const constructor: unknown = Object.getOwnPropertyDescriptor(level, 'constructor')?.value;
    if (typeof constructor !== 'function') return false;
    const source = Function.prototype.toString.call(constructor);
    // A built-in class keeps its contents where nobody sees them.
    if (NATIVE.test(source) || HIDDEN_STATE.test(source)) return false;
    level = Object.getPrototypeOf(level) as object | null;
  }
  return true;
}
