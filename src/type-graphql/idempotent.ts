import { createMethodMiddlewareDecorator, Directive, Extensions } from 'type-graphql';
import {
  checkedPolicy,
  directiveUse,
  type IdempotentOptions,
} from '../graphql/schema/mark-options.js';
import { WRAPPED_EXTENSION, type WrappedField } from '../graphql/schema/registry.js';
import { runtimeOf } from '../graphql/schema/wrap-field.js';
import { shareTypeGraphqlTypes } from './object-types.js';

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
  const { recover, ...given } = options;
  const policy = checkedPolicy(given);
  const wrapped: WrappedField = { recover };
  shareTypeGraphqlTypes();
  const middleware = createMethodMiddlewareDecorator(({ info, args, context }, next) =>
    runtimeOf(context, info).enter(wrapped, {
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
