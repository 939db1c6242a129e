import { types } from 'node:util';
import {
  defaultTypeResolver,
  getNullableType,
  isAbstractType,
  isEnumType,
  isLeafType,
  isListType,
  isObjectType,
  type GraphQLAbstractType,
  type GraphQLLeafType,
  type GraphQLOutputType,
  type GraphQLObjectType,
  type GraphQLResolveInfo,
} from 'graphql';
import { systemClock, type Clock } from '../core/clock.js';
import { builtInOf, type Annotation, type Annotations } from '../core/codec.js';
import { withTimeout } from '../core/timeout.js';
import { isPlainObject } from '../core/plain-object.js';
import { instanceOf } from './class-instance.js';
import { isEvident } from './evident.js';

/** A promise in a result that has not settled by then is not waited for any more. */
const SETTLE_MS_MAX = 30_000;

/**
 * Walks a value along its type, as the executor will a result, and notes what a replay needs
 * beyond the data: the concrete types behind unions and interfaces, the classes of instances, the
 * serialized form of scalars over classes, and what became of promises.
 *
 * @throws TimeoutError when a promise in the result does not settle within 30 seconds
 */
export async function annotate(
  value: unknown,
  type: GraphQLOutputType | undefined,
  context: unknown,
  info: GraphQLResolveInfo,
  clock: Clock = systemClock,
): Promise<Annotations> {
  if (isEvident(value, type)) return NONE;
  const annotator = new Annotator(context, info);
  annotator.walk(value, type);
  if (annotator.isWaiting) {
    await withTimeout(annotator.settled(), SETTLE_MS_MAX, clock, 'A promise in the result');
  }
  return annotator.annotations;
}

const NONE: Annotations = new Map();

class Annotator {
  readonly annotations = new Map<object, Annotation>();
  /** Each object with the types it was seen at: a second place can tell what the first could not. */
  readonly #visited = new Map<object, Set<GraphQLOutputType | undefined>>();
  readonly #pending: Promise<void>[] = [];
  readonly #context: unknown;
  readonly #info: GraphQLResolveInfo;

  constructor(context: unknown, info: GraphQLResolveInfo) {
    this.#context = context;
    this.#info = info;
  }

  get isWaiting(): boolean {
    return this.#pending.length > 0;
  }

  /** Resolves when everything that came late has been walked too. */
  async settled(): Promise<void> {
    while (this.isWaiting) await Promise.all(this.#pending.splice(0));
  }

  walk(value: unknown, wrapped: GraphQLOutputType | undefined): void {
    if (typeof value !== 'object' || value === null) return;
    const type = wrapped === undefined ? undefined : getNullableType(wrapped);
    if (!this.#enters(value, type)) return;
    if (types.isPromise(value)) {
      this.#pending.push(this.#walkPromise(value, type));
    } else if (Array.isArray(value) || types.isSet(value)) {
      const itemType = isListType(type) ? type.ofType : undefined;
      for (const item of value) this.walk(item, itemType);
    } else if (types.isMap(value)) {
      for (const entry of value) for (const part of entry) this.walk(part, undefined);
    } else if (isEnumType(type)) {
      this.#annotateLeaf(value, type);
    } else if (isBuiltIn(value)) {
      // The codec keeps it as it is: an error in the place of an object stays an error.
    } else if (isLeafType(type) && !isPlainObject(value)) {
      this.#annotateLeaf(value, type);
    } else if (isAbstractType(type)) {
      this.#walkAbstract(value, type);
    } else if (isObjectType(type)) {
      this.#walkObject(value, type, type.isTypeOf == null ? undefined : type.name);
    } else {
      this.#walkObject(value, undefined, undefined);
    }
  }

  #enters(object: object, type: GraphQLOutputType | undefined): boolean {
    const seenAt = this.#visited.get(object);
    if (seenAt === undefined) {
      this.#visited.set(object, new Set([type]));
      return true;
    }
    if (type === undefined || seenAt.has(type)) return false;
    seenAt.add(type);
    return true;
  }

  async #walkPromise(
    promise: Promise<unknown>,
    type: GraphQLOutputType | undefined,
  ): Promise<void> {
    try {
      const value = await promise;
      this.annotations.set(promise, { kind: 'promise', state: 'fulfilled', value });
      this.walk(value, type);
    } catch (value) {
      this.annotations.set(promise, { kind: 'promise', state: 'rejected', value });
    }
  }

  #walkAbstract(object: object, type: GraphQLAbstractType): void {
    const walk = (typeName: string | undefined): void => {
      const concrete = typeName === undefined ? undefined : this.#info.schema.getType(typeName);
      this.#walkObject(object, isObjectType(concrete) ? concrete : undefined, typeName);
    };
    const resolveType = type.resolveType ?? defaultTypeResolver;
    try {
      const typeName = resolveType(object, this.#context, this.#info, type);
      if (!types.isPromise(typeName)) walk(typeName);
      // The executor will meet the same error and report it; so will a replay.
      else
        this.#pending.push(
          typeName.then(walk, () => {
            walk(undefined);
          }),
        );
    } catch {
      walk(undefined);
    }
  }

  #walkObject(
    object: object,
    type: GraphQLObjectType | undefined,
    typeName: string | undefined,
  ): void {
    const instance = isPlainObject(object)
      ? { className: undefined, data: object as Readonly<Record<string, unknown>> }
      : instanceOf(object, type);
    // Left without annotation: the codec refuses it and says what it was.
    if (instance === undefined) return;
    if (typeName !== undefined || (instance.data !== object && !this.annotations.has(object))) {
      this.annotations.set(object, { kind: 'object', typeName, ...instance });
    }
    const fields = type?.getFields() ?? {};
    for (const [name, member] of Object.entries(instance.data)) {
      this.walk(member, Object.hasOwn(fields, name) ? fields[name]?.type : undefined);
    }
  }

  /** A value whose class, or whose identity, only its scalar or enum knows. */
  #annotateLeaf(value: object, type: GraphQLLeafType): void {
    try {
      const serialized: unknown = type.serialize(value);
      const again: unknown = type.serialize(type.parseValue(serialized));
      if (!Object.is(again, serialized)) return;
      this.annotations.set(value, { kind: 'leaf', scalar: type.name, serialized });
    } catch {
      // Left without annotation: the codec keeps it as it is, or refuses it and says what it was.
    }
  }
}

function isBuiltIn(value: object): boolean {
  return !isPlainObject(value) && builtInOf(value) !== undefined;
}
