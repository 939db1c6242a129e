import { createMethodMiddlewareDecorator, Directive, Extensions } from 'type-graphql';
import { optionProblems } from '../core/option-problems.js';
import type { IdempotencyPolicyOptions, Recover } from '../core/options.js';
import { IDEMPOTENT } from '../graphql/directive.js';
import { WRAPPED_EXTENSION, type WrappedField } from '../graphql/registry.js';
import { runtimeOf } from '../graphql/wrap-field.js';
import { shareObjectTypes } from './object-types.js';

/** What a mutation decides for itself. */
export interface IdempotentOptions<TContext> extends IdempotencyPolicyOptions {
  /** Settles unknown outcomes; the plugin's option of this name comes before it. */
  readonly recover?: Recover<TContext> | undefined;
}

/** Arguments that are enum values in SDL; all others are written as JSON. */
const ENUM_OPTIONS = new Set(['onError', 'onCrash']);

/**
 * Marks a TypeGraphQL mutation as idempotent and puts the directive into its SDL. It works inside
 * `@Authorized` and other guards: nobody who may not call the mutation gets a replay.
 *
 * `buildSchema` needs `directives: [...specifiedDirectives, idempotentDirective]`, and the server
 * `idempotencyPlugin`; without the plugin the mutation refuses to run.
 *
 * @param options - what this mutation decides for itself; the plugin's options are the defaults
 * @throws Error when an option is unknown or out of range
 */
export function Idempotent<TContext extends object = object>(
  options: IdempotentOptions<TContext> = {},
): MethodDecorator {
  const { recover, ...policy } = options;
  const problems = optionProblems(policy);
  if (problems.length > 0) throw new Error(`@Idempotent: ${problems.join(' ')}`);
  const wrapped: WrappedField = { recover };
  shareObjectTypes();
  const middleware = createMethodMiddlewareDecorator(({ info, args, context }, next) =>
    runtimeOf(context, `${info.parentType.name}.${info.fieldName}`).enter(wrapped, {
      info,
      args,
      context,
      next,
    }),
  );
  return (target, property, descriptor) => {
    Directive(directiveUse(policy))(target, property, descriptor);
    Extensions({ [WRAPPED_EXTENSION]: wrapped })(target, property, descriptor);
    middleware(target, property as string, descriptor);
  };
}

function directiveUse(options: IdempotencyPolicyOptions): string {
  const args = Object.entries(options)
    .filter(([, value]) => value !== undefined)
    .map(([name, value]) => {
      const text = ENUM_OPTIONS.has(name) ? String(value) : JSON.stringify(value);
      return `${name}: ${text}`;
    });
  return `@${IDEMPOTENT}${args.length === 0 ? '' : `(${args.join(', ')})`}`;
}
