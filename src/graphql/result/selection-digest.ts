import { createHash } from 'node:crypto';
import {
  print,
  visit,
  type ASTNode,
  type FieldNode,
  type FragmentDefinitionNode,
  type GraphQLResolveInfo,
  type OperationDefinitionNode,
} from 'graphql';

/** The part of a resolver's info that says what is selected below its field. */
export type SelectionInfo = Pick<GraphQLResolveInfo, 'fieldNodes' | 'fragments' | 'operation'>;

/** The selection below a field, apart from the values of variables. */
interface PrintedSelection {
  readonly text: string;
  /** The variables in it, each with what stands for its default. */
  readonly variables: ReadonlyMap<string, string>;
  /** The digest, where there are no variables. */
  readonly digest: string | undefined;
}

/** By the first node: servers keep documents that come often. */
const known = new WeakMap<FieldNode, KnownSelection>();

interface KnownSelection {
  readonly count: number;
  /** Two operations may share a node in a fragment, and give its variables other defaults. */
  readonly operation: OperationDefinitionNode;
  readonly printed: PrintedSelection;
}

/**
 * A digest of what is selected below a field: the printed sub-selection, the fragments in it and the
 * values of its variables as they were sent. The field's own alias, arguments and directives do not
 * count.
 *
 * @param rawVariables - as the request sent them
 */
export function selectionDigest(
  info: SelectionInfo,
  rawVariables: Readonly<Record<string, unknown>> | undefined,
): string {
  const { text, variables, digest } = printedSelection(info);
  if (digest !== undefined) return digest;
  const hash = createHash('sha256').update(text);
  for (const [name, standard] of variables) {
    const given = rawVariables?.[name];
    hash.update(given === undefined ? `\0${name}=${standard}` : `\0${name}:${sortedJson(given)}`);
  }
  return hash.digest('base64url');
}

function printedSelection(info: SelectionInfo): PrintedSelection {
  const [first] = info.fieldNodes;
  const before = first && known.get(first);
  // A field can be selected in several places, and not in all of them in every request.
  const { operation, fieldNodes } = info;
  const isSame = before?.count === fieldNodes.length && before.operation === operation;
  if (isSame && before.count === 1) return before.printed;
  const printed = printSelection(info);
  if (first !== undefined) known.set(first, { count: fieldNodes.length, operation, printed });
  return printed;
}

function printSelection({ fieldNodes, fragments, operation }: SelectionInfo): PrintedSelection {
  const used = new Map<string, FragmentDefinitionNode>();
  const names = new Set<string>();
  const collect = (node: ASTNode): void => {
    visit(node, {
      Variable: ({ name }) => void names.add(name.value),
      FragmentSpread({ name }) {
        const fragment = fragments[name.value];
        if (fragment === undefined || used.has(name.value)) return;
        used.set(name.value, fragment);
        collect(fragment);
      },
    });
  };
  const selections = fieldNodes.flatMap(({ selectionSet }) => selectionSet ?? []);
  selections.forEach(collect);
  const parts = selections.map((selection) => print(selection));
  for (const name of [...used.keys()].sort()) {
    const fragment = used.get(name);
    if (fragment !== undefined) parts.push(print(fragment));
  }
  const defaults = defaultsOf(operation);
  const variables = new Map([...names].sort().map((name) => [name, defaults.get(name) ?? '']));
  const text = parts.join('\0');
  const isConstant = variables.size === 0;
  const digest = isConstant ? createHash('sha256').update(text).digest('base64url') : undefined;
  return { text, variables, digest };
}

function defaultsOf({ variableDefinitions = [] }: OperationDefinitionNode): Map<string, string> {
  return new Map(
    variableDefinitions.map(({ variable, defaultValue }) => [
      variable.name.value,
      defaultValue === undefined ? '' : print(defaultValue),
    ]),
  );
}

/** JSON in which the order of names does not count. */
function sortedJson(value: unknown): string {
  return JSON.stringify(value, (_, item: unknown) => {
    if (typeof item !== 'object' || item === null || Array.isArray(item)) return item;
    const entries = Object.entries(item).sort(([a], [b]) => (a < b ? -1 : 1));
    return Object.fromEntries(entries);
  });
}
