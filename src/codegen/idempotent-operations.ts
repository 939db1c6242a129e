import {
  Kind,
  OperationTypeNode,
  type DocumentNode,
  type GraphQLSchema,
  type OperationDefinitionNode,
} from 'graphql';
import { IDEMPOTENCY_DEFAULTS } from '../core/options/options.js';
import { DocumentRules } from '../graphql/request/document-problems.js';
import { keyPathsOf } from '../graphql/arguments/key-paths.js';
import { findMarkedFields } from '../graphql/schema/marked-fields.js';
import type { IdempotencyCodegenConfig } from './config.js';
import { definitionsOf } from './definitions.js';
import { explain } from './explain.js';
import type { MarkedSelection } from './keys/key-sources.js';
import { operationKeys, type FieldKey } from './keys/operation-keys.js';
import type { Problem } from './problem.js';
import { RESERVED_NAME } from './keys/reserved-name.js';
import { rootSelectionsOf } from './root-selections.js';
import type { SourceDocument } from './source-location.js';

type RootSelections = ReturnType<typeof rootSelectionsOf>;

/** A marked mutation of the schema. */
type Mark = Pick<MarkedSelection, 'mark' | 'keyPaths'>;

/** An operation that carries marked mutations. */
export interface IdempotentOperation {
  /** Whether all that it does is idempotent, so that it may be sent again. */
  readonly idempotent: boolean;
  /** The server's retention of its outcome: the least of its mutations. */
  readonly ttlSeconds: number;
  readonly keys: readonly FieldKey[];
}

/** The data that a client needs. */
export interface IdempotentOperations {
  /** By name; not complete if there are problems. */
  readonly operations: ReadonlyMap<string, IdempotentOperation>;
  /** The names of all operations that may be sent again. */
  readonly retryable: readonly string[];
  /** Everything that would keep a key from arriving. */
  readonly problems: readonly Problem[];
}

/** The operations that select marked mutations. */
export function idempotentOperations(
  schema: GraphQLSchema,
  documents: readonly SourceDocument[],
  config: IdempotencyCodegenConfig,
): IdempotentOperations {
  const problems: Problem[] = [];
  const found = new Map<string, IdempotentOperation>();
  const retryable: string[] = [];
  const marks = marksOf(schema, config, problems);
  if (marks.size === 0 && problems.length === 0) problems.push({ message: explain.noMarks });
  if (marks.size === 0) return { operations: found, retryable, problems };
  problems.push(...documentProblems(schema, documents, (name) => marks.has(name)));
  const { operations, fragments } = definitionsOf(documents, problems);
  for (const operation of operations) {
    const name = operation.name?.value;
    if (operation.operation === OperationTypeNode.QUERY && name !== undefined) retryable.push(name);
    if (operation.operation !== OperationTypeNode.MUTATION) continue;
    const roots = rootSelectionsOf(schema, operation, fragments, problems);
    const selections = markedSelections(roots, marks);
    if (selections.length === 0) continue;
    problems.push(...wholeProblems(operation, selections, config));
    const keys = operationKeys(schema, operation, selections, problems);
    if (name === undefined) continue;
    const idempotent = isIdempotent(roots, marks);
    found.set(name, { idempotent, ttlSeconds: ttlSecondsOf(selections, config), keys });
    if (idempotent) retryable.push(name);
  }
  return { operations: found, retryable, problems };
}

/** The problems for which the server would refuse a document, whatever its operations are. */
function documentProblems(
  schema: GraphQLSchema,
  documents: readonly SourceDocument[],
  isMarked: (fieldName: string) => boolean,
): Problem[] {
  const rules = new DocumentRules(schema, isMarked);
  // Fragments may be spread in other files than their own.
  const definitions = documents.flatMap(({ document }) => document.definitions);
  const whole: DocumentNode = { kind: Kind.DOCUMENT, definitions };
  return [
    ...rules
      .misplacedDirectives(whole)
      .map(({ node, message }) => ({ node, message: `${message} ${explain.misplaced}` })),
    ...rules.misplacedMutations(whole),
  ];
}

function marksOf(
  schema: GraphQLSchema,
  config: IdempotencyCodegenConfig,
  problems: Problem[],
): ReadonlyMap<string, Mark> {
  const found = findMarkedFields(schema);
  const wrong = [...found.problems];
  const marks = Array.from(found.fields, ([name, mark]): [string, Mark] => [
    name,
    { mark, keyPaths: keyPathsOf(mark, config, wrong) },
  ]);
  problems.push(...wrong.map((message) => ({ message })));
  return new Map(marks);
}

function markedSelections(
  roots: RootSelections,
  marks: ReadonlyMap<string, Mark>,
): readonly MarkedSelection[] {
  return Array.from(roots).flatMap(([responseKey, [first, ...others]]) => {
    const mark = first && marks.get(first.node.name.value);
    if (first === undefined || mark === undefined) return [];
    return [{ responseKey, ...mark, nodes: [first, ...others] }];
  });
}

function isIdempotent(roots: RootSelections, marks: ReadonlyMap<string, Mark>): boolean {
  return [...roots.values()].every(([first]) => {
    const name = first?.node.name.value ?? '';
    return name === '__typename' || marks.has(name);
  });
}

function ttlSecondsOf(
  selections: readonly MarkedSelection[],
  { ttlSeconds = IDEMPOTENCY_DEFAULTS.ttlSeconds }: IdempotencyCodegenConfig,
): number {
  return Math.min(...selections.map(({ mark }) => mark.policy.ttlSeconds ?? ttlSeconds));
}

/** The problems of an operation as a whole. */
function wholeProblems(
  operation: OperationDefinitionNode,
  selections: readonly MarkedSelection[],
  config: IdempotencyCodegenConfig,
): Problem[] {
  const problems: Problem[] = [];
  const fieldsMax = config.fieldsMax ?? IDEMPOTENCY_DEFAULTS.fieldsMax;
  if (selections.length > fieldsMax) {
    const message = explain.tooManyFields(selections.length, fieldsMax);
    problems.push({ node: operation, message });
  }
  const { name } = operation;
  if (name === undefined) problems.push({ node: operation, message: explain.anonymous });
  else if (name.value === RESERVED_NAME) {
    problems.push({ node: name, message: explain.reservedName });
  }
  for (const { responseKey, nodes } of selections) {
    if (responseKey !== RESERVED_NAME) continue;
    problems.push({ node: nodes[0].node, message: explain.reservedName });
  }
  return problems;
}
