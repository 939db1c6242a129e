import { valueFromASTUntyped, type GraphQLField } from 'graphql';
import { IDEMPOTENT, idempotentDirective } from './directive.js';
import { WRAPPED_EXTENSION, type WrappedField } from './registry.js';

/** One use of `@idempotent` on a field. */
export interface Mark {
  /** The directive's arguments, without those that are null. Nothing has checked them. */
  readonly args: Readonly<Record<string, unknown>>;
}

/**
 * Every use of `@idempotent` on a field: in its SDL, which TypeGraphQL and others make up too, and in
 * each form in which tools keep directives among the extensions of a field.
 *
 * @param problems - receives forms that cannot be read
 */
export function marksOf(field: GraphQLField<unknown, unknown>, problems: string[]): Mark[] {
  const written = [...sdlMarks(field), ...extensionMarks(field, problems)].map(withoutNulls);
  const own = (extensionsOf(field)[WRAPPED_EXTENSION] as WrappedField | undefined)?.policy;
  if (own === undefined) return written;
  const mark = withoutNulls({ args: own });
  if (Object.keys(mark.args).length > 0) return [mark, ...written];
  // A resolver that decides nothing leaves the policy to the field's SDL.
  const decided = written.filter(({ args }) => Object.keys(args).length > 0);
  return decided.length > 0 ? decided : [mark];
}

function withoutNulls({ args }: Mark): Mark {
  return { args: Object.fromEntries(Object.entries(args).filter(([, value]) => value != null)) };
}

/** The problems of a mark's argument names, whatever their values. */
export function nameProblems({ args }: Mark): string[] {
  return Object.keys(args)
    .filter((name) => !idempotentDirective.args.some((argument) => argument.name === name))
    .map((name) => `@${IDEMPOTENT} has no argument "${name}".`);
}

/** Whether two marks say the same. */
export function sameMark(one: Mark, two: Mark): boolean {
  const names = Object.keys(one.args);
  return (
    names.length === Object.keys(two.args).length &&
    names.every((name) => Object.hasOwn(two.args, name) && one.args[name] === two.args[name])
  );
}

/** The extensions of a field or a type; some builders of schemas make fields without any. */
export function extensionsOf(element: {
  readonly extensions?: unknown;
}): Readonly<Record<string | symbol, unknown>> {
  return (element.extensions ?? {}) as Readonly<Record<string | symbol, unknown>>;
}

function sdlMarks({ astNode }: GraphQLField<unknown, unknown>): Mark[] {
  const uses = astNode?.directives?.filter(({ name }) => name.value === IDEMPOTENT) ?? [];
  return uses.map((use) => ({
    // Not by the types of the directive's arguments: tools that make these nodes up do not know them
    // and write an enum value as a string.
    args: Object.fromEntries(
      use.arguments?.map(({ name, value }) => [name.value, valueFromASTUntyped(value)]) ?? [],
    ),
  }));
}

/** `{ idempotent: {…} }`, `{ idempotent: [{…}] }` or `[{ name: 'idempotent', args: {…} }]`. */
function extensionMarks(field: GraphQLField<unknown, unknown>, problems: string[]): Mark[] {
  const directives = extensionsOf(field)['directives'];
  const uses = Array.isArray(directives) ? usesInList(directives) : usesInObject(directives);
  return uses.flatMap((args) => {
    if (args === true) return { args: {} };
    if (typeof args === 'object' && args !== null && !Array.isArray(args)) {
      return { args: args as Mark['args'] };
    }
    problems.push(
      `extensions.directives holds ${IDEMPOTENT} in a form that is not known. ` +
        `Write { ${IDEMPOTENT}: { ttlSeconds: 3600 } } or { ${IDEMPOTENT}: {} }.`,
    );
    return [];
  });
}

function usesInList(directives: readonly unknown[]): unknown[] {
  return directives.flatMap((use) => {
    const { name, args } = Object(use) as { name?: unknown; args?: unknown };
    return name === IDEMPOTENT ? [args ?? {}] : [];
  });
}

function usesInObject(directives: unknown): readonly unknown[] {
  if (typeof directives !== 'object' || directives === null) return [];
  if (!Object.hasOwn(directives, IDEMPOTENT)) return [];
  const uses = (directives as Readonly<Record<string, unknown>>)[IDEMPOTENT];
  // One that is undefined was left out on purpose, as in `{ idempotent: options.idempotent }`.
  if (uses === undefined) return [];
  return Array.isArray(uses) ? uses : [uses];
}
