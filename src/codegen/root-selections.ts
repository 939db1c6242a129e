import {
  GraphQLIncludeDirective,
  GraphQLSkipDirective,
  Kind,
  type FieldNode,
  type FragmentDefinitionNode,
  type GraphQLSchema,
  type OperationDefinitionNode,
  type SelectionNode,
  type SelectionSetNode,
} from 'graphql';
import { appliesToMutation } from '../graphql/request/document.js';
import { explain } from './explain.js';
import type { Problem } from './problem.js';

/** One place where a document selects a root field. */
export interface RootSelection {
  readonly node: FieldNode;
  /** Whether `@skip` or `@include` may leave it out. */
  readonly conditional: boolean;
}

const CONDITIONS = [GraphQLSkipDirective.name, GraphQLIncludeDirective.name];

/**
 * The root fields that an operation may run, by response key in document order, fragments
 * expanded: what the server collects when nothing is skipped.
 *
 * @param problems - receives the fragments that are missing
 */
export function rootSelectionsOf(
  schema: GraphQLSchema,
  operation: OperationDefinitionNode,
  fragments: ReadonlyMap<string, FragmentDefinitionNode>,
  problems: Problem[],
): ReadonlyMap<string, readonly RootSelection[]> {
  const fields = new Map<string, Map<FieldNode, boolean>>();
  const visited = new Set<string>();

  function collect(selectionSet: SelectionSetNode, skippable: boolean): void {
    for (const selection of selectionSet.selections) {
      const conditional = skippable || isConditional(selection);
      if (selection.kind === Kind.FIELD) {
        add(selection, conditional);
      } else if (selection.kind === Kind.INLINE_FRAGMENT) {
        if (appliesToMutation(schema, selection)) collect(selection.selectionSet, conditional);
      } else {
        const name = selection.name.value;
        const fragment = fragments.get(name);
        if (fragment === undefined) {
          problems.push({ node: selection, message: explain.missingFragment(name) });
          continue;
        }
        // Once for each answer to the question whether it is always there.
        const visit = `${name} ${String(conditional)}`;
        if (visited.has(visit) || !appliesToMutation(schema, fragment)) continue;
        visited.add(visit);
        collect(fragment.selectionSet, conditional);
      }
    }
  }

  function add(node: FieldNode, conditional: boolean): void {
    const responseKey = (node.alias ?? node.name).value;
    const nodes = fields.get(responseKey) ?? new Map<FieldNode, boolean>();
    fields.set(responseKey, nodes);
    nodes.set(node, conditional && nodes.get(node) !== false);
  }

  collect(operation.selectionSet, false);
  return new Map(
    Array.from(fields, ([responseKey, nodes]) => [
      responseKey,
      Array.from(nodes, ([node, conditional]) => ({ node, conditional })),
    ]),
  );
}

function isConditional({ directives }: SelectionNode): boolean {
  return directives?.some(({ name }) => CONDITIONS.includes(name.value)) ?? false;
}
