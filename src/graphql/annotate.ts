import {
  defaultFieldResolver,
  defaultTypeResolver,
  getNullableType,
  isAbstractType,
  isLeafType,
  isListType,
  isObjectType,
  type GraphQLAbstractType,
  type GraphQLLeafType,
  type GraphQLObjectType,
  type GraphQLOutputType,
  type GraphQLResolveInfo,
} from 'graphql';
import type { Annotation } from '../core/codec.js';
import { registry } from './registry.js';

/** What the executor would know about the objects in a result, by object. */
export type Annotations = ReadonlyMap<object, Annotation>;

/**
 * Walks a resolver's result along its type, as the executor will, and notes what a replay needs
 * beyond the data: the concrete types behind unions and interfaces, the classes of instances, the
 * serialized form of scalars over classes, and the values of promises.
 */
export async function annotate(
  value: unknown,
  context: unknown,
  info: GraphQLResolveInfo,
): Promise<Annotations> {
  const annotations = new Map<object, Annotation>();
  const visited = new Set<object>();

  async function walk(current: unknown, wrapped: GraphQLOutputType | undefined): Promise<void> {
    if (typeof current !== 'object' || current === null || visited.has(current)) return;
    visited.add(current);
    if (isThenable(current)) {
      const settled = await settle(current);
      annotations.set(current, { kind: 'replace', value: settled });
      return walk(settled, wrapped);
    }
    const type = wrapped === undefined ? undefined : getNullableType(wrapped);
    if (Array.isArray(current) || current instanceof Set) {
      const itemType = isListType(type) ? type.ofType : undefined;
      for (const item of current) await walk(item, itemType);
    } else if (current instanceof Map) {
      for (const [key, item] of current) {
        await walk(key, undefined);
        await walk(item, undefined);
      }
    } else if (isLeafType(type)) {
      annotateLeaf(current, type);
    } else if (!isBuiltIn(current)) {
      await walkObject(current, await concreteType(current, type));
    }
  }

  async function walkObject(
    object: object,
    type: { concrete: GraphQLObjectType | undefined; record: boolean },
  ): Promise<void> {
    const members = membersOf(object, type.concrete);
    if (members === undefined) return;
    const { className, data } = members;
    const typeName = type.record ? type.concrete?.name : undefined;
    const classPart = className === undefined ? {} : { className };
    if (typeName !== undefined) {
      annotations.set(object, { kind: 'named', typeName, ...classPart, data });
    } else if (className !== undefined) {
      annotations.set(object, { kind: 'instance', className });
    } else if (!isPlain(object)) {
      annotations.set(object, { kind: 'replace', value: data });
    }
    const fields = type.concrete?.getFields() ?? {};
    for (const [name, member] of Object.entries(data)) {
      await walk(member, Object.hasOwn(fields, name) ? fields[name]?.type : undefined);
    }
  }

  async function concreteType(
    object: object,
    type: GraphQLOutputType | undefined,
  ): Promise<{ concrete: GraphQLObjectType | undefined; record: boolean }> {
    if (isObjectType(type)) return { concrete: type, record: type.isTypeOf != null };
    if (!isAbstractType(type)) return { concrete: undefined, record: false };
    const name = await nameOf(object, type);
    const concrete = name === undefined ? undefined : info.schema.getType(name);
    return { concrete: isObjectType(concrete) ? concrete : undefined, record: true };
  }

  async function nameOf(object: object, type: GraphQLAbstractType): Promise<string | undefined> {
    const resolveType = type.resolveType ?? defaultTypeResolver;
    try {
      return (await resolveType(object, context, info, type)) ?? undefined;
    } catch {
      // The executor will meet the same error and report it; a replay will too.
      return undefined;
    }
  }

  function annotateLeaf(value: object, type: GraphQLLeafType): void {
    if (isPlain(value) || isBuiltIn(value)) return;
    try {
      const serialized: unknown = type.serialize(value);
      const again: unknown = type.serialize(type.parseValue(serialized));
      if (!Object.is(again, serialized)) return;
      annotations.set(value, { kind: 'leaf', scalar: type.name, value: serialized });
    } catch {
      // Left without annotation: the codec refuses it and says what it was.
    }
  }

  await walk(value, info.returnType);
  return annotations;
}

/** The data of an object, or `undefined` if an important part of it cannot be kept. */
function membersOf(
  object: object,
  type: GraphQLObjectType | undefined,
): { className: string | undefined; data: Record<string, unknown> } | undefined {
  const data: Record<string, unknown> = Object.fromEntries(Object.entries(object));
  if (isPlain(object)) return { className: undefined, data };
  const prototype = Object.getPrototypeOf(object) as object;
  for (const classes of registry.classes) {
    const className = classes.nameOf(prototype);
    if (className !== undefined) return { className, data };
  }
  // Without its class an instance keeps its data and what its getters say, but no methods.
  for (let level = prototype; level !== Object.prototype;) {
    for (const [name, property] of Object.entries(Object.getOwnPropertyDescriptors(level))) {
      if (name === 'constructor') continue;
      if (property.get === undefined) {
        if (typeof property.value === 'function' && mayCall(type, name)) return undefined;
      } else if (!Object.hasOwn(data, name)) {
        data[name] = (object as Record<string, unknown>)[name];
      }
    }
    const next: unknown = Object.getPrototypeOf(level);
    if (typeof next !== 'object' || next === null) break;
    level = next;
  }
  return { className: undefined, data };
}

/** Whether a field's resolver could call the method: by its name, or by anything in custom code. */
function mayCall(type: GraphQLObjectType | undefined, method: string): boolean {
  if (type === undefined) return true;
  return Object.values(type.getFields()).some(
    ({ name, resolve }) =>
      name === method || (resolve ?? defaultFieldResolver) !== defaultFieldResolver,
  );
}

async function settle(promise: PromiseLike<unknown>): Promise<unknown> {
  try {
    return await promise;
  } catch (error) {
    // The executor treats an error in a value's place as it treats a rejection.
    return error instanceof Error ? error : new Error(String(error));
  }
}

function isThenable(value: object): value is PromiseLike<unknown> {
  return 'then' in value && typeof value.then === 'function';
}

function isPlain(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === Object.prototype || prototype === null || Array.isArray(value);
}

/** Built-in classes that the codec keeps, or refuses with a better reason than ours. */
const BUILT_IN = [Date, RegExp, ArrayBuffer, Error, Map, Set, Promise, WeakMap, WeakSet, WeakRef];

function isBuiltIn(value: object): boolean {
  return ArrayBuffer.isView(value) || BUILT_IN.some((builtIn) => value instanceof builtIn);
}
