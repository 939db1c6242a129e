import type { GraphQLField, GraphQLSchema } from 'graphql';
import { IDEMPOTENT } from '../graphql/schema/directive.js';
import { extensionsOf, marksOf } from '../graphql/schema/marks.js';
import { WRAPPED_EXTENSION } from '../graphql/schema/registry.js';
import type { MethodMark } from './methods/method-mark.js';
import type { ResolverMethod } from './methods/resolver-methods.js';

/**
 * Says in a schema which of its mutations have a door. Nest builds schemas from SDL without what
 * decorators say, and code-first ones may have lost it on their way.
 *
 * @returns what is wrong
 */
export function openDoors(schema: GraphQLSchema, methods: readonly ResolverMethod[]): string[] {
  const fields = schema.getMutationType()?.getFields() ?? {};
  const problems: string[] = [];
  for (const { type, field: name, place, mark } of methods) {
    const field = fields[name];
    if (type !== 'Mutation' || field === undefined) continue;
    // What is wrong with the form of a mark is told with everything else about the schema.
    const marks = marksOf(field, []);
    if (mark !== undefined) {
      openDoor(field, mark, marks.length > 0);
    } else if (marks.length > 0) {
      problems.push(
        `Mutation.${name} is marked @${IDEMPOTENT}, but ${place} is not: a retry would be answered ` +
          'before its guards are asked. Write @Idempotent() on the method.',
      );
    }
  }
  return problems;
}

function openDoor(
  field: GraphQLField<unknown, unknown>,
  { policy, door }: MethodMark,
  isMarked: boolean,
): void {
  const extensions = extensionsOf(field);
  field.extensions = { ...extensions, [WRAPPED_EXTENSION]: door };
  // A decorator that says nothing leaves it to the SDL; two that say different things are refused.
  if (isMarked && Object.keys(policy).length === 0) return;
  const directives = extensions['directives'];
  field.extensions = {
    ...field.extensions,
    directives: Array.isArray(directives)
      ? [...(directives as unknown[]), { name: IDEMPOTENT, args: policy }]
      : { ...(directives as object | undefined), [IDEMPOTENT]: policy },
  };
}
