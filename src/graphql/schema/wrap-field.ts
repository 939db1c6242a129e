import {
  defaultFieldResolver,
  type GraphQLField,
  type GraphQLResolveInfo,
  type GraphQLSchema,
} from 'graphql';
import { innerGuardProblems } from './inner-guards.js';
import { findMarkedFields } from './marked-fields.js';
import { extensionsOf } from './marks.js';
import {
  attachToField,
  operationOf,
  registry,
  WRAPPED_EXTENSION,
  type OperationRuntime,
  type WrappedField,
} from './registry.js';

type AnyField = GraphQLField<unknown, unknown>;

/** The wrapping of a field, by its extensions or its resolver; `undefined` if it has no door yet. */
export function wrappedField(field: AnyField): WrappedField | undefined {
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
 * @param schema - changed in place; its resolvers must be in it
 * @returns the same schema
 * @throws Error with every misuse of `@idempotent` in the schema
 */
export function applyIdempotency(schema: GraphQLSchema): GraphQLSchema {
  for (const field of addDoors(schema)) {
    // Of a schema that was just built, so that this is the door and no guard around it.
    if (field.resolve != null) registry.wrapped.set(field.resolve, wrappedField(field) ?? {});
  }
  return schema;
}

/**
 * Gives every marked mutation a door that asks for the record, where it has none, and the outermost
 * wrapper, which sees what the whole chain around the resolver comes to.
 *
 * @param name - what refuses to start
 * @throws Error with every misuse of `@idempotent` in the schema
 */
export function wrapChains(schema: GraphQLSchema, name: string): void {
  const fields = addDoors(schema);
  const isServed = registry.served.has(schema);
  const problems = fields.flatMap((field) => lostDoor(field, isServed));
  if (problems.length > 0) throw startError(name, problems);
  fields.forEach(wrapOutermost);
  registry.served.add(schema);
}

/** @returns all marked fields */
function addDoors(schema: GraphQLSchema): readonly AnyField[] {
  const { fields, problems: misuses } = findMarkedFields(schema);
  const problems = [...misuses, ...innerGuardProblems(schema, fields)];
  if (problems.length > 0) throw startError('applyIdempotency', problems);
  const marked = Array.from(fields.values(), ({ field }) => field);
  marked.forEach(addDoor);
  return marked;
}

/** One message for everything that keeps a server from starting. */
export function startError(who: string, problems: readonly string[]): Error {
  return new Error(`${who} refuses to start:\n${problems.map((line) => `  - ${line}`).join('\n')}`);
}

/**
 * The runtime that a server prepared for the operation.
 *
 * @throws Error when there is none: running unprotected would be worse than failing
 */
export function runtimeOf(context: unknown, info: GraphQLResolveInfo): OperationRuntime {
  const runtime = operationOf(context) ?? operationOf(info);
  if (runtime === undefined) {
    const { parentType, fieldName } = info;
    throw new Error(
      `${parentType.name}.${fieldName} is marked @idempotent, but what executes it has no idempotencyPlugin and does not go ` +
        'through createIdempotency, so it does not run.',
    );
  }
  return runtime;
}

function addDoor(field: AnyField): void {
  // A field has one door, whoever made it: a second one would meet the first one's claim.
  let known = wrappedField(field);
  if (known === undefined) {
    const { resolve } = field;
    const door: Resolver = (source, args, context, info) =>
      runtimeOf(context, info).enter(door, {
        info,
        args,
        context: context as object,
        next: () => (resolve ?? defaultFieldResolver)(source, args, context, info),
      });
    field.resolve = door;
    known = { door, isAroundNothing: resolve == null };
  }
  field.extensions = { ...field.extensions, [WRAPPED_EXTENSION]: known };
}

/**
 * Says where a door was certainly lost: the resolver came after it.
 *
 * @param isServed - a server has had the schema before, and may have wrapped its resolvers, as Apollo
 * Server does at the first request. If the door is not in there, the field is refused when it is called
 */
function lostDoor(field: AnyField, isServed: boolean): string[] {
  const known = wrappedField(field);
  const name = `Mutation.${field.name}`;
  if (field.resolve == null) {
    return [`${name}: its resolver was taken away after idempotency had been applied to it.`];
  }
  if (isServed || known?.isAroundNothing !== true || field.resolve === known.door) return [];
  if (registry.outermost.has(field.resolve)) return [];
  return [
    `${name}: it had no resolver when applyIdempotency was called, and the one that it has now would ` +
      'run without protection. Add the resolvers first.',
  ];
}

function wrapOutermost(field: AnyField): void {
  const { resolve } = field;
  if (resolve == null || registry.outermost.has(resolve)) return;
  // A door that nothing stands around is the whole chain.
  if (resolve === wrappedField(field)?.door) return;
  field.resolve = async (source, args, context, info) => {
    const runtime = runtimeOf(context, info);
    attachToField(info, runtime);
    return runtime.around(info, () => resolve(source, args, context, info));
  };
  registry.outermost.add(field.resolve);
}

type Resolver = NonNullable<GraphQLField<unknown, unknown, Record<string, unknown>>['resolve']>;
