import type { DocumentNode, GraphQLError, GraphQLSchema, OperationDefinitionNode } from 'graphql';
import { fixedRootFieldsOf, type RootFields } from './document.js';
import { defaultKeysIn } from './default-keys.js';
import { DocumentRules, type DocumentProblem } from './document-problems.js';
import { documentError } from '../graphql-error.js';
import type { KeyPlan } from './request-key.js';

/** The facts about documents that do not depend on variables: servers see the same documents again. */
export interface PreparedDocuments {
  /**
   * The misuse of `@idempotent` or of marked mutations in a document: a new error each time, since its
   * handler may add the data of one request.
   */
  misplacedIn(document: DocumentNode): GraphQLError | null;
  /** The variables whose default values would be keys, if a request left them out. */
  defaultKeysOf(document: DocumentNode, operation: OperationDefinitionNode): readonly string[];
  /** The root fields of an operation, or `null` if its variables decide about them. */
  rootFieldsOf(document: DocumentNode, operation: OperationDefinitionNode): RootFields | null;
}

/** Creates the memory of one schema's documents. It keeps none of them alive. */
export function createPreparedDocuments(
  schema: GraphQLSchema,
  fields: ReadonlyMap<string, KeyPlan>,
): PreparedDocuments {
  const rules = new DocumentRules(schema, (name) => fields.has(name));
  const defaultKeys = new WeakMap<OperationDefinitionNode, readonly string[]>();
  const problems = new WeakMap<DocumentNode, DocumentProblem | null>();
  const rootFields = new WeakMap<OperationDefinitionNode, RootFields | null>();
  return {
    misplacedIn(document) {
      let problem = problems.get(document);
      if (problem === undefined) {
        problem = rules.problemsIn(document)[0] ?? null;
        problems.set(document, problem);
      }
      return problem && documentError(problem);
    },
    defaultKeysOf(document, operation) {
      const known = defaultKeys.get(operation);
      if (known !== undefined) return known;
      const found = defaultKeysIn({ schema, document, operation }, fields);
      defaultKeys.set(operation, found);
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
