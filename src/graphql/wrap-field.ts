import {
  defaultFieldResolver,
  type GraphQLField,
  type GraphQLFieldResolver,
  type GraphQLSchema,
} from 'graphql';
import { recogniseReplayedObjects } from './concrete-types.js';
import { findMarkedFields } from './marked-fields.js';
import { extensionsOf } from './marks.js';
import { operationOf, registry, type OperationRuntime, type WrappedField } from './registry.js';

/** Where a field says, in its extensions, that its resolver already asks for the record. */
export const WRAPPED_EXTENSION = 'graphqlIdempotency';

/** What a field's extensions or its resolver say, or `undefined` if nothing has wrapped it yet. */
export function wrappedField(field: GraphQLField<unknown, unknown>): WrappedField | undefined {
  const stated = extensionsOf(field)[WRAPPED_EXTENSION] as WrappedField | undefined;
  return stated ?? (field.resolve && registry.wrapped.get(field.resolve));
}

/**
 * Puts idempotency around the resolver of every mutation that is marked with `@idempotent`. Only
 * needed when something must stay outside of it, as guards must: apply it before the transformers
 * that add them. Without it, `idempotencyPlugin` wraps what nothing has wrapped yet.
 *
 * A TypeGraphQL schema, whose decorator already did that, needs it before its resolvers are taken
 * out of it, as a federated subgraph takes them: so they are known in the schema they get into.
 *
 * The resolvers refuse to run in a server that does not have the plugin.
 *
 * @param schema - changed in place
 * @returns the same schema
 * @throws Error with every misuse of `@idempotent` in the schema
 */
export function applyIdempotency(schema: GraphQLSchema): GraphQLSchema {
  for (const field of wrapMarkedFields(schema)) {
    // Of a schema that was just built, so that this is the wrapped resolver and no guard around it.
    if (field.resolve != null) registry.wrapped.set(field.resolve, wrappedField(field) ?? {});
  }
  return schema;
}

/**
 * Wraps every marked mutation of a schema that nothing has wrapped yet.
 *
 * @returns all of them
 * @throws Error with every misuse of `@idempotent` in the schema
 */
export function wrapMarkedFields(schema: GraphQLSchema): readonly GraphQLField<unknown, unknown>[] {
  const { fields, problems } = findMarkedFields(schema);
  if (problems.length > 0) throw startError('applyIdempotency', problems);
  const marked = Array.from(fields.values(), ({ field }) => field);
  marked.forEach(wrapField);
  recogniseReplayedObjects(schema);
  return marked;
}

/** One message for everything that keeps a server from starting. */
export function startError(who: string, problems: readonly string[]): Error {
  return new Error(`${who} refuses to start:\n${problems.map((line) => `  - ${line}`).join('\n')}`);
}

/**
 * The runtime that the plugin prepared for the operation.
 *
 * @throws Error when there is none: running unprotected would be worse than failing
 */
export function runtimeOf(context: unknown, field: string): OperationRuntime {
  const runtime = operationOf(context);
  if (runtime === undefined) {
    throw new Error(
      `${field} is marked @idempotent, but the server has no idempotencyPlugin, so it does not run.`,
    );
  }
  return runtime;
}

function wrapField(field: GraphQLField<unknown, unknown>): void {
  // A field is wrapped once, whoever does it: a second wrapper would meet the first one's claim.
  const known = wrappedField(field);
  if (known === undefined) field.resolve = askForRecord(field.resolve ?? defaultFieldResolver);
  field.extensions = { ...field.extensions, [WRAPPED_EXTENSION]: known ?? {} };
}

type Resolver = GraphQLFieldResolver<unknown, unknown>;

function askForRecord(resolve: Resolver): Resolver {
  return async (source, args: Record<string, unknown>, context, info) =>
    runtimeOf(context, `${info.parentType.name}.${info.fieldName}`).resolve(
      info,
      args,
      context as object,
      () => resolve(source, args, context, info),
    );
}
