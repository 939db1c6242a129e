import type { DocumentNode, GraphQLError, GraphQLSchema, OperationDefinitionNode } from 'graphql';
import { findMisplacedDirective, fixedRootFieldsOf, type RootFields } from './document.js';

/** What is known of documents whatever their variables are: servers see the same ones again. */
export interface PreparedDocuments {
  /** What is wrong with a document's uses of `@idempotent`. */
  misplacedIn(document: DocumentNode): GraphQLError | null;
  /** The root fields of an operation, or `null` if its variables decide about them. */
  rootFieldsOf(document: DocumentNode, operation: OperationDefinitionNode): RootFields | null;
}

/** Creates the memory of one schema's documents. It keeps none of them alive. */
export function createPreparedDocuments(
  schema: GraphQLSchema,
  isMarked: (fieldName: string) => boolean,
): PreparedDocuments {
  const misplaced = new WeakMap<DocumentNode, GraphQLError | null>();
  const rootFields = new WeakMap<OperationDefinitionNode, RootFields | null>();
  return {
    misplacedIn(document) {
      const known = misplaced.get(document);
      if (known !== undefined) return known;
      const found = findMisplacedDirective(schema, document, isMarked) ?? null;
      misplaced.set(document, found);
      return found;
    },
    rootFieldsOf(document, operation) {
      const known = rootFields.get(operation);
      if (known !== undefined) return known;
      const found = fixedRootFieldsOf({ schema, document, operation });
      rootFields.set(operation, found);
      return found;
    },
  };
}
