import { createMethodMiddlewareDecorator, Directive, Extensions } from 'type-graphql';
import { optionProblems, type IdempotencyPolicyOptions } from '../core/options.js';
import { IDEMPOTENT } from '../graphql/directive.js';
import { runtimeOf, WRAPPED_EXTENSION } from '../graphql/wrap-field.js';
import { shareObjectTypes } from './object-types.js';

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
export function Idempotent(options: IdempotencyPolicyOptions = {}): MethodDecorator {
  const problems = optionProblems({ ...options });
  if (problems.length > 0) throw new Error(`@Idempotent: ${problems.join(' ')}`);
  shareObjectTypes();
  const middleware = createMethodMiddlewareDecorator(({ info, args, context }, next) =>
    runtimeOf(context, `${info.parentType.name}.${info.fieldName}`).resolve(
      info,
      args,
      context,
      next,
    ),
  );
  return (target, property, descriptor) => {
    Directive(directiveUse(options))(target, property, descriptor);
    Extensions({ [WRAPPED_EXTENSION]: true })(target, property, descriptor);
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
