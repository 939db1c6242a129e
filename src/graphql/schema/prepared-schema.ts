import { isEnumType, type GraphQLSchema } from 'graphql';
import type { EnginePolicy } from '../../core/engine/request.js';
import { IdempotencyError } from '../../core/errors.js';
import { optionProblems } from '../../core/options/option-problems.js';
import {
  IDEMPOTENCY_DEFAULTS,
  OPTION_NAMES,
  type IdempotencyOptions,
} from '../../core/options/options.js';
import { unknownOptionProblems } from '../../core/values/unknown-options.js';
import type { RootFields } from '../request/document.js';
import { planSchema, type FieldPlan } from './field-plan.js';
import { createPreparedDocuments, type PreparedDocuments } from '../request/prepared-documents.js';
import { ResultCodec } from '../result/result-codec.js';
import { schemaShape } from './schema-shape.js';
import { startError, wrapChains } from './wrap-field.js';

/** A marked field, and everything that its requests have in common. */
export interface PreparedField<TContext> extends FieldPlan<TContext> {
  readonly codec: ResultCodec;
  readonly enginePolicy: EnginePolicy;
}

/** A schema that is ready to be served. */
export interface PreparedSchema<TContext> {
  readonly fields: ReadonlyMap<string, PreparedField<TContext>>;
  readonly documents: PreparedDocuments;
}

/**
 * Plans a schema's marked fields and wraps them, inside and outside.
 *
 * @param name - what refuses to start
 * @throws Error that lists every problem
 */
export function prepareSchema<TContext>(
  schema: GraphQLSchema,
  options: IdempotencyOptions<TContext>,
  name: string,
): PreparedSchema<TContext> {
  const plan = planSchema(schema, options);
  const found = [
    ...requiredProblems(options),
    ...optionProblems({ ...options }),
    ...unknownOptionProblems(options, OPTION_NAMES),
    ...plan.problems,
  ];
  if (found.length > 0) throw startError(name, found);
  wrapChains(schema, name);
  const settings = {
    resultBytesMax: options.resultBytesMax ?? IDEMPOTENCY_DEFAULTS.resultBytesMax,
    redact: options.redact,
    enumValues: objectsInEnums(schema),
    shape: schemaShape(schema),
  };
  const fields = new Map(
    Array.from(plan.fields, ([name, field]): [string, PreparedField<TContext>] => {
      const codec = new ResultCodec({ ...settings, operation: field.operation });
      const { ttlSeconds, ...policy } = field.policy;
      return [name, { ...field, codec, enginePolicy: { ...policy, ttlMs: ttlSeconds * 1_000 } }];
    }),
  );
  return { fields, documents: createPreparedDocuments(schema, fields) };
}

/** The number of an operation's root fields that are marked. */
export function countMarked(
  fields: RootFields,
  plans: ReadonlyMap<string, FieldPlan<never>>,
): number {
  let count = 0;
  for (const [node] of fields.values()) {
    if (node !== undefined && plans.has(node.name.value)) count += 1;
  }
  return count;
}

/** The refusal of a document that marks more root fields than one may run. */
export function tooManyFields(fieldsMax: number): IdempotencyError {
  return new IdempotencyError(
    'IDEMPOTENCY_LIMIT_EXCEEDED',
    `One request can run at most ${String(fieldsMax)} idempotent mutations.`,
  );
}

/** Enum values that are objects: only the very object can be serialized. */
function objectsInEnums(schema: GraphQLSchema): ReadonlySet<object> | undefined {
  const objects = new Set<object>();
  for (const type of Object.values(schema.getTypeMap())) {
    if (!isEnumType(type)) continue;
    for (const { value } of type.getValues() as readonly { readonly value: unknown }[]) {
      if (typeof value === 'object' && value !== null) objects.add(value);
    }
  }
  return objects.size > 0 ? objects : undefined;
}

function requiredProblems(options: Partial<IdempotencyOptions<never>>): string[] {
  const problems: string[] = [];
  if (typeof options.store?.begin !== 'function') {
    problems.push('store is missing: pass a RedisStore, or a MemoryStore for a single process.');
  }
  if (typeof options.scope !== 'function' && options.scope !== 'global') {
    problems.push(
      "scope is missing: say whose key it is, as in (context) => context.userId. 'global' is for " +
        'servers with a single caller.',
    );
  }
  return problems;
}
