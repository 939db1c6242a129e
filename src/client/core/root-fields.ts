import { Kind, type DocumentNode, type SelectionSetNode } from 'graphql';

/** The response keys of everything that an operation may select at its root. */
export function rootResponseKeys(document: DocumentNode): ReadonlySet<string> {
  const keys = new Set<string>();
  const visited = new Set<string>();
  const collect = ({ selections }: SelectionSetNode): void => {
    for (const selection of selections) {
      if (selection.kind === Kind.FIELD) {
        if (selection.name.value !== '__typename')
          keys.add((selection.alias ?? selection.name).value);
      } else if (selection.kind === Kind.INLINE_FRAGMENT) {
        collect(selection.selectionSet);
      } else if (!visited.has(selection.name.value)) {
        visited.add(selection.name.value);
        for (const definition of document.definitions) {
          const isMeant =
            definition.kind === Kind.FRAGMENT_DEFINITION &&
            definition.name.value === selection.name.value;
          if (isMeant) collect(definition.selectionSet);
        }
      }
    }
  };
  for (const definition of document.definitions) {
    if (definition.kind === Kind.OPERATION_DEFINITION) collect(definition.selectionSet);
  }
  return keys;
}

/** The name of a document's operation; empty if it has none. */
export function operationNameOf({ definitions }: DocumentNode): string {
  for (const definition of definitions) {
    if (definition.kind === Kind.OPERATION_DEFINITION && definition.name !== undefined) {
      return definition.name.value;
    }
  }
  return '';
}

/** The kind of a document's operation; undefined if it has none. */
export function operationKindOf({ definitions }: DocumentNode): string | undefined {
  for (const definition of definitions) {
    if (definition.kind === Kind.OPERATION_DEFINITION) return definition.operation;
  }
  return undefined;
}
