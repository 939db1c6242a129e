import type { GraphQLSchema } from 'graphql';
import type { MarkedField } from './marked-fields.js';
import { extensionsOf } from './marks.js';
import { WRAPPED_EXTENSION } from './registry.js';

/** The extensions in which a schema builder keeps the definition of a field or type. */
type Extensions = Readonly<Record<string | symbol, unknown>>;

/**
 * Marked mutations whose guard a builder of schemas has put into the field's resolver, without a door
 * inside of it: one around that resolver would replay to callers whom the guard turns away.
 */
export function innerGuardProblems(
  schema: GraphQLSchema,
  fields: ReadonlyMap<string, MarkedField>,
): string[] {
  const typeExtensions = extensionsOf(schema.getMutationType() ?? {});
  return Array.from(fields.values()).flatMap(({ field, operation }) => {
    const extensions = extensionsOf(field);
    const stated = extensions[WRAPPED_EXTENSION] as { readonly door?: object } | undefined;
    // A door that knows itself was put around everything.
    if (stated !== undefined && stated.door === undefined) return [];
    const guard = pothosGuard(extensions, typeExtensions) ?? nexusGuard(extensions);
    if (guard === undefined) return [];
    return [
      `${operation}: ${guard} runs inside of its resolver, so a replay would skip it. Give the field ` +
        '...idempotentField(policy, resolver) in place of its resolve and its mark.',
    ];
  });
}

/** `authScopes` of `@pothos/plugin-scope-auth`, on the field or on the whole type. */
function pothosGuard(field: Extensions, type: Extensions): string | undefined {
  const options = propertiesOf(field['pothosOptions']);
  if (isGiven(options['authScopes'])) return 'the authScopes of Pothos';
  if (options['skipTypeScopes'] === true) return undefined;
  return isGiven(propertiesOf(type['pothosOptions'])['authScopes'])
    ? 'the authScopes of its type in Pothos'
    : undefined;
}

/** `authorize` of Nexus's `fieldAuthorizePlugin`. */
function nexusGuard({ nexus }: Extensions): string | undefined {
  const config = propertiesOf(propertiesOf(nexus)['config']);
  return isGiven(config['authorize']) ? 'the authorize of Nexus' : undefined;
}

function isGiven(value: unknown): boolean {
  return value !== undefined && value !== null;
}

function propertiesOf(value: unknown): Readonly<Record<string, unknown>> {
  return Object(value) as Readonly<Record<string, unknown>>;
}
