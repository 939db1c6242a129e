import type { InjectionToken } from '@nestjs/common';
import { MetadataScanner, type ModulesContainer } from '@nestjs/core';
import {
  RESOLVER_NAME_METADATA,
  RESOLVER_PROPERTY_METADATA,
  RESOLVER_REFERENCE_METADATA,
  RESOLVER_TYPE_METADATA,
} from '@nestjs/graphql';
import { markOfMethod, type MethodMark } from './method-mark.js';

/** A method of a class that Nest provides. */
export interface ResolverMethod {
  /** `PaymentResolver.pay`. */
  readonly place: string;
  /** The module whose class it is of. */
  readonly host: unknown;
  /** The kind of its root field; `undefined` if it resolves none. */
  readonly type: 'Query' | 'Mutation' | 'Subscription' | undefined;
  /** The name of its field. */
  readonly field: string;
  readonly mark: MethodMark | undefined;
}

const ROOT_TYPES = new Set<unknown>(['Query', 'Mutation', 'Subscription']);

/** Every instance that the modules of an application provide under a token. */
export function instancesOf<T>(modules: ModulesContainer, token: InjectionToken): T[] {
  return [...modules.values()].flatMap(({ providers }) => {
    const provider = providers.get(token);
    return provider === undefined || provider.isAlias ? [] : [provider.instance as T];
  });
}

/** Every method of the application that resolves a root field, or is marked. */
export function resolverMethods(modules: ModulesContainer): readonly ResolverMethod[] {
  const scanner = new MetadataScanner();
  const methods: ResolverMethod[] = [];
  for (const { metatype: host, providers, controllers } of modules.values()) {
    for (const { metatype } of [...providers.values(), ...controllers.values()]) {
      const prototype = typeof metatype === 'function' ? prototypeOf(metatype) : undefined;
      if (prototype === undefined) continue;
      for (const name of scanner.getAllMethodNames(prototype)) {
        const method: unknown = Reflect.get(prototype, name);
        if (typeof method !== 'function') continue;
        const { name: className } = prototype.constructor;
        const found = describe(method, name);
        if (found.type === undefined && found.mark === undefined) continue;
        methods.push({ ...found, host, place: `${className}.${name}` });
      }
    }
  }
  return methods;
}

/** The problems of the places of `@Idempotent()`. */
export function misplacedMarks(methods: readonly ResolverMethod[]): string[] {
  const problems = methods
    .filter(({ mark, type }) => mark !== undefined && type !== 'Mutation')
    .map(({ place, type }) => {
      const what = type === undefined ? 'no @Mutation()' : `a @${type}()`;
      return `${place} is marked with @Idempotent(), but it is ${what}: only mutations can be.`;
    });
  // A class that several modules provide is told once.
  return [...new Set(problems)];
}

function prototypeOf(metatype: object): object | undefined {
  const { prototype } = metatype as { readonly prototype?: unknown };
  // A factory may be a function without one.
  return typeof prototype === 'object' && prototype !== null ? prototype : undefined;
}

function describe(method: object, name: string): Pick<ResolverMethod, 'type' | 'field' | 'mark'> {
  const read = (key: string): unknown => Reflect.getMetadata(key, method);
  const isField =
    read(RESOLVER_PROPERTY_METADATA) === true || read(RESOLVER_REFERENCE_METADATA) === true;
  const type = read(RESOLVER_TYPE_METADATA);
  return {
    type: !isField && ROOT_TYPES.has(type) ? (type as ResolverMethod['type']) : undefined,
    field: (read(RESOLVER_NAME_METADATA) as string | undefined) ?? name,
    mark: markOfMethod(method),
  };
}
