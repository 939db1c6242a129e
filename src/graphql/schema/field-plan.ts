import {
  getNamedType,
  isInputObjectType,
  isScalarType,
  type GraphQLInputType,
  type GraphQLSchema,
} from 'graphql';
import type { Reading } from '../../core/fingerprint.js';
import { leaseProblems } from '../../core/options/option-problems.js';
import {
  IDEMPOTENCY_DEFAULTS,
  mergePolicy,
  type IdempotencyOptions,
  type IdempotencyPolicy,
  type Recover,
} from '../../core/options/options.js';
import { normalizerOfArguments } from '../arguments/argument-normalizer.js';
import { typeAt, type ArgumentPath } from '../arguments/argument-path.js';
import { innerGuardProblems } from './inner-guards.js';
import { keyPathsOf } from '../arguments/key-paths.js';
import { findMarkedFields, type MarkedField } from './marked-fields.js';
import { wrappedField } from './wrap-field.js';

/** Everything decided about a marked field before the first request. */
export interface FieldPlan<TContext> extends Omit<MarkedField, 'policy'> {
  readonly policy: IdempotencyPolicy;
  /** The places among its arguments that may carry its key. */
  readonly keyPaths: readonly ArgumentPath[];
  /** The reading of its arguments for the fingerprint. */
  readonly reading: Reading;
  readonly recover: Recover<TContext> | undefined;
}

/** The plans of a schema's marked fields by name, and everything that is wrong. */
export interface SchemaPlan<TContext> {
  readonly fields: ReadonlyMap<string, FieldPlan<TContext>>;
  readonly problems: readonly string[];
}

/** Plans every marked field of a schema. */
export function planSchema<TContext>(
  schema: GraphQLSchema,
  options: Omit<IdempotencyOptions<TContext>, 'store' | 'scope'>,
): SchemaPlan<TContext> {
  const marked = findMarkedFields(schema);
  const problems = [...marked.problems];
  const defaults = mergePolicy(IDEMPOTENCY_DEFAULTS, options);
  const storeTimeoutMs = options.storeTimeoutMs ?? IDEMPOTENCY_DEFAULTS.storeTimeoutMs;
  problems.push(...leaseProblems(defaults.leaseMs, storeTimeoutMs));
  const operations = new Set([...marked.fields.values()].map(({ operation }) => operation));
  for (const option of ['ignoreArguments', 'recover'] as const) {
    for (const operation of Object.keys(options[option] ?? {})) {
      if (operations.has(operation)) continue;
      problems.push(`${option} names ${operation}, which is not a marked mutation.`);
    }
  }
  problems.push(...innerGuardProblems(schema, marked.fields));
  const fields = new Map<string, FieldPlan<TContext>>();
  for (const [name, mark] of marked.fields) {
    const { leaseMs } = mark.policy;
    const short = typeof leaseMs === 'number' ? leaseProblems(leaseMs, storeTimeoutMs) : [];
    problems.push(...short.map((problem) => `${mark.operation}: ${problem}`));
    fields.set(name, planField(mark, mergePolicy(defaults, mark.policy), options, problems));
  }
  return { fields, problems };
}

function planField<TContext>(
  mark: MarkedField,
  policy: IdempotencyPolicy,
  options: Omit<IdempotencyOptions<TContext>, 'store' | 'scope'>,
  problems: string[],
): FieldPlan<TContext> {
  const { field, operation } = mark;
  const keyPaths = keyPathsOf(mark, policy, problems);
  const ignored = options.ignoreArguments?.[operation] ?? [];
  for (const path of ignored) {
    if (typeAt(field, path.split('.')) === undefined) {
      problems.push(`${operation}: ignoreArguments names "${path}", which it does not have.`);
    }
  }
  const omitted = new Set([
    ...keyPaths.map((path) => path.join('.')),
    ...ignored,
    'clientMutationId',
    ...field.args.map(({ name }) => `${name}.clientMutationId`),
  ]);
  for (const argument of field.args) {
    const upload = findUpload(argument.type, argument.name, omitted, new Set());
    if (upload === undefined) continue;
    problems.push(
      `${operation}: "${upload}" is an upload, which cannot be fingerprinted. ` +
        'Name it in ignoreArguments and pass a digest of the file beside it.',
    );
  }
  // One that came with the mark takes whatever context the server has; only its author knows more.
  const recover =
    options.recover?.[operation] ?? (wrappedField(field)?.recover as Recover<TContext> | undefined);
  if (recover !== undefined && typeof (recover as unknown) !== 'function') {
    problems.push(`${operation}: recover must be a function.`);
  }
  const reading = normalizerOfArguments(field, omitted);
  return { operation, field, policy, keyPaths, reading, recover };
}

/** The path of a scalar among the arguments whose values are streams. */
function findUpload(
  wrapped: GraphQLInputType,
  path: string,
  omitted: ReadonlySet<string>,
  seen: Set<string>,
): string | undefined {
  const type = getNamedType(wrapped);
  if (omitted.has(path)) return undefined;
  if (isScalarType(type)) return /^(Upload|File)$/i.test(type.name) ? path : undefined;
  if (!isInputObjectType(type) || seen.has(type.name)) return undefined;
  seen.add(type.name);
  for (const field of Object.values(type.getFields())) {
    const upload = findUpload(field.type, `${path}.${field.name}`, omitted, seen);
    if (upload !== undefined) return upload;
  }
  return undefined;
}
