import {
  Kind,
  print,
  type ExecutableDefinitionNode,
  type FragmentDefinitionNode,
  type OperationDefinitionNode,
} from 'graphql';
import { explain } from './explain.js';
import type { Problem } from './problem.js';
import type { SourceDocument } from './source-location.js';

/** The definitions in the documents of an output. */
export interface Definitions {
  /** Each once, in the order of their names, anonymous ones last. */
  readonly operations: readonly OperationDefinitionNode[];
  readonly fragments: ReadonlyMap<string, FragmentDefinitionNode>;
}

/**
 * Collects the definitions of all documents.
 *
 * @param problems - receives the names that two different definitions have
 */
export function definitionsOf(
  documents: readonly SourceDocument[],
  problems: Problem[],
): Definitions {
  const operations = new Map<string, OperationDefinitionNode>();
  const fragments = new Map<string, FragmentDefinitionNode>();
  const anonymous: OperationDefinitionNode[] = [];
  for (const { document, isExternal } of documents) {
    for (const definition of document.definitions) {
      if (definition.kind === Kind.FRAGMENT_DEFINITION) {
        addOnce(fragments, definition.name.value, definition, problems);
      } else if (definition.kind === Kind.OPERATION_DEFINITION && !isExternal) {
        if (definition.name === undefined) anonymous.push(definition);
        else addOnce(operations, definition.name.value, definition, problems);
      }
    }
  }
  // Whatever order the files were found in.
  const names = [...operations.keys()].sort();
  const named = names.flatMap((name) => operations.get(name) ?? []);
  return { operations: [...named, ...anonymous], fragments };
}

function addOnce<TNode extends ExecutableDefinitionNode>(
  all: Map<string, TNode>,
  name: string,
  definition: TNode,
  problems: Problem[],
): void {
  const known = all.get(name);
  if (known === undefined) all.set(name, definition);
  else if (print(known) !== print(definition)) {
    problems.push({ node: definition, message: explain.duplicateName(name) });
  }
}
