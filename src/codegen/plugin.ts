import type { DocumentNode, GraphQLSchema } from 'graphql';
import { configProblems, type IdempotencyCodegenConfig } from './config.js';
import { idempotentOperations } from './idempotent-operations.js';
import { printOperations } from './print-operations.js';
import type { Problem } from './problem.js';
import { locationOf, type SourceDocument } from './source-location.js';

/** A document as GraphQL Code Generator hands it to its plugins; the part that is read. */
export interface CodegenDocument {
  /** Its file, for messages. */
  readonly location?: string | undefined;
  /** The parsed document; an entry without one is skipped. */
  readonly document?: DocumentNode | undefined;
  /** `external` for one that only lends its fragments. */
  readonly type?: string | undefined;
}

/** The part of GraphQL Code Generator's information about an output that is read. */
export interface CodegenInfo {
  /** The output's plugins by name, each with what is configured for it alone. */
  readonly allPlugins?: readonly Readonly<Record<string, unknown>>[] | undefined;
}

const PACKAGE = 'graphql-idempotency';

/**
 * The plugin for GraphQL Code Generator: says which operations carry mutations that the schema
 * marks with `@idempotent`, how the key of each travels and for how long it holds, and which
 * operations may be sent again. What it generates imports nothing.
 *
 * @param schema - with the directive's uses, as SDL has them
 * @param documents - all that the client sends
 * @returns TypeScript that exports `idempotentOperations` and `retryableOperations`
 * @throws Error that lists, each with its place, everything that would keep a key from arriving
 */
export function plugin(
  schema: GraphQLSchema,
  documents: readonly CodegenDocument[],
  config?: IdempotencyCodegenConfig | null,
  info?: CodegenInfo,
): string {
  const placed = documents.flatMap(({ location, document, type }) =>
    document === undefined ? [] : [{ location, document, isExternal: type === 'external' }],
  );
  const wrongConfig = configProblems(config, ownConfig(info));
  if (wrongConfig.length > 0) throw refusal(wrongConfig, placed);
  const found = idempotentOperations(schema, placed, config ?? {});
  if (found.problems.length > 0) throw refusal(found.problems, placed);
  return printOperations(found);
}

/** The configuration of this plugin alone. */
function ownConfig({ allPlugins = [] }: CodegenInfo = {}): unknown {
  const entries = allPlugins.flatMap((plugins) => Object.entries(plugins));
  const own = entries.length === 1 ? entries[0] : entries.find(([name]) => name.includes(PACKAGE));
  return own?.[1];
}

function refusal(problems: readonly Problem[], documents: readonly SourceDocument[]): Error {
  const lines = problems.map(({ node, message }) => {
    const place = node === undefined ? '' : locationOf(node, documents);
    return place === '' ? message : `${place}: ${message}`;
  });
  // A fragment's mistake is found once for each operation that spreads it.
  const list = [...new Set(lines)].map((line) => `  - ${line}`).join('\n');
  return new Error(`${PACKAGE}/codegen refuses to generate:\n${list}`);
}
