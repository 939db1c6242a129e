import type { GraphQLResolveInfo } from 'graphql';
import { optionProblems } from '../../core/options/option-problems.js';
import type { IdempotencyPolicyOptions, Recover } from '../../core/options/options.js';
import { IDEMPOTENT } from './directive.js';
import { nameProblems } from './marks.js';
import { registry, WRAPPED_EXTENSION, type WrappedField } from './registry.js';
import { runtimeOf } from './wrap-field.js';

/** The policy of a mutation of {@link idempotentField}. */
export interface IdempotentFieldPolicy<TContext = never> extends IdempotencyPolicyOptions {
  /** Settles unknown outcomes; the option of this name of the plugin or the door comes before it. */
  readonly recover?: Recover<TContext> | undefined;
}

/** The resolver of a mutation. */
export type MutationResolver<TSource, TArgs, TContext, TResult> = (
  source: TSource,
  args: TArgs,
  context: TContext,
  info: GraphQLResolveInfo,
) => TResult;

/** The part of a field's definition that {@link idempotentField} makes. */
export interface IdempotentField<TSource, TArgs, TContext, TResult> {
  /** Asks for the record, and runs the resolver if nobody has. */
  readonly resolve: MutationResolver<TSource, TArgs, TContext, Promise<Awaited<TResult>>>;
  /** The mark, and that `resolve` asks for the record. */
  readonly extensions: Readonly<Record<string, unknown>>;
}

/**
 * Marks a mutation of a code-first schema, or of a resolver map, and asks for its record where its
 * resolver stands: inside of everything that a framework puts around a resolver, so that the guards
 * of Pothos and of Nexus run for replays as well.
 *
 * @example
 * ```ts
 * builder.mutationField('pay', (t) =>
 *   t.field({
 *     type: PayResult,
 *     args: { amount: t.arg.int({ required: true }), idempotencyKey: t.arg.string() },
 *     authScopes: { customer: true },
 *     ...idempotentField({ ttlSeconds: 3_600 }, (_root, { amount }: PayArgs, context: Context) =>
 *       pay(context.user, amount),
 *     ),
 *   }),
 * );
 * ```
 *
 * @param policy - what this mutation decides for itself; the server's options are the defaults. Without
 * one, the policy is that of the field's SDL, if it has a mark there
 * @param resolver - the mutation's resolver
 * @returns what to spread into a field of Pothos or Nexus, or to put into a resolver map as it is
 * @throws Error when an option is unknown or out of range
 */
export function idempotentField<TSource, TArgs, TContext, TResult>(
  policy: IdempotentFieldPolicy<TContext>,
  resolver: MutationResolver<TSource, TArgs, TContext, TResult>,
): IdempotentField<TSource, TArgs, TContext, TResult>;
export function idempotentField<TSource, TArgs, TContext, TResult>(
  resolver: MutationResolver<TSource, TArgs, TContext, TResult>,
): IdempotentField<TSource, TArgs, TContext, TResult>;
export function idempotentField<TSource, TArgs, TContext, TResult>(
  ...given:
    | [IdempotentFieldPolicy<TContext>, MutationResolver<TSource, TArgs, TContext, TResult>]
    | [MutationResolver<TSource, TArgs, TContext, TResult>]
): IdempotentField<TSource, TArgs, TContext, TResult> {
  const [options, resolver] = given.length === 1 ? [{}, given[0]] : given;
  const { recover, ...policy } = Object(options) as IdempotentFieldPolicy<TContext>;
  const problems = [...nameProblems({ args: policy }), ...optionProblems(policy)];
  if ('key' in policy) problems.push('key belongs into documents, not into the schema.');
  if (recover !== undefined && typeof (recover as unknown) !== 'function') {
    problems.push('recover must be a function.');
  }
  if (typeof (resolver as unknown) !== 'function') {
    problems.push('it needs the resolver: idempotentField(policy, resolver).');
  }
  if (problems.length > 0) throw new Error(`idempotentField: ${problems.join(' ')}`);
  const wrapped: WrappedField = { recover, policy };
  async function resolve(
    source: TSource,
    args: TArgs,
    context: TContext,
    info: GraphQLResolveInfo,
  ): Promise<Awaited<TResult>> {
    const runtime = runtimeOf(context, info);
    const answer = await runtime.enter(wrapped, {
      info,
      args: args as Readonly<Record<string, unknown>>,
      context: context as object,
      next: () => resolver(source, args, context, info),
    });
    return answer as Awaited<TResult>;
  }
  registry.wrapped.set(resolve, wrapped);
  const directives = { [IDEMPOTENT]: policy };
  return { resolve, extensions: { directives, [WRAPPED_EXTENSION]: wrapped } };
}
