import {
  getDirectiveValues,
  getVariableValues,
  GraphQLError,
  GraphQLIncludeDirective,
  GraphQLSkipDirective,
  isAbstractType,
  Kind,
  TypeInfo,
  visit,
  visitWithTypeInfo,
  type DocumentNode,
  type FieldNode,
  type GraphQLSchema,
  type OperationDefinitionNode,
  type SelectionSetNode,
} from 'graphql';
import { IDEMPOTENT } from './directive.js';

/** The root fields that an operation will run, by response key, fragments expanded. */
export type RootFields = ReadonlyMap<string, readonly FieldNode[]>;

/** An operation that is about to run. */
export interface Operation {
  readonly schema: GraphQLSchema;
  readonly document: DocumentNode;
  readonly operation: OperationDefinitionNode;
  /** Coerced. */
  readonly variables: Readonly<Record<string, unknown>>;
}

/**
 * The coerced variables of an operation, or `undefined` if they are wrong: then nothing will run,
 * and the executor says why.
 */
export function coerceVariables(
  schema: GraphQLSchema,
  operation: OperationDefinitionNode,
  raw: Readonly<Record<string, unknown>> | undefined,
): Readonly<Record<string, unknown>> | undefined {
  return getVariableValues(schema, operation.variableDefinitions ?? [], raw ?? {}).coerced;
}

/** Collects root fields as the specification's CollectFields does (section 6.3.2). */
export function rootFieldsOf({ schema, document, operation, variables }: Operation): RootFields {
  const fields = new Map<string, FieldNode[]>();
  const visited = new Set<string>();
  const fragments = new Map(
    document.definitions.flatMap((definition) =>
      definition.kind === Kind.FRAGMENT_DEFINITION ? [[definition.name.value, definition]] : [],
    ),
  );
  const collect = (selectionSet: SelectionSetNode): void => {
    for (const selection of selectionSet.selections) {
      if (getDirectiveValues(GraphQLSkipDirective, selection, variables)?.['if'] === true) continue;
      if (getDirectiveValues(GraphQLIncludeDirective, selection, variables)?.['if'] === false) {
        continue;
      }
      if (selection.kind === Kind.FIELD) {
        const responseKey = (selection.alias ?? selection.name).value;
        const nodes = fields.get(responseKey);
        if (nodes === undefined) fields.set(responseKey, [selection]);
        else nodes.push(selection);
      } else if (selection.kind === Kind.INLINE_FRAGMENT) {
        if (applies(selection.typeCondition?.name.value)) collect(selection.selectionSet);
      } else {
        const fragment = fragments.get(selection.name.value);
        if (fragment === undefined || visited.has(selection.name.value)) continue;
        visited.add(selection.name.value);
        if (applies(fragment.typeCondition.name.value)) collect(fragment.selectionSet);
      }
    }
  };
  const applies = (condition: string | undefined): boolean => {
    const root = schema.getMutationType();
    if (condition === undefined || condition === root?.name) return true;
    const type = schema.getType(condition);
    return root != null && isAbstractType(type) && schema.isSubType(type, root);
  };
  collect(operation.selectionSet);
  return fields;
}

/**
 * The first `@idempotent` of a document that means nothing: on a query, a nested field or an
 * unmarked mutation.
 */
export function findMisplacedDirective(
  schema: GraphQLSchema,
  document: DocumentNode,
  isMarked: (fieldName: string) => boolean,
): GraphQLError | undefined {
  const types = new TypeInfo(schema);
  let misplaced: GraphQLError | undefined;
  visit(
    document,
    visitWithTypeInfo(types, {
      Field(node) {
        const directive = node.directives?.find(({ name }) => name.value === IDEMPOTENT);
        if (directive === undefined || misplaced !== undefined) return;
        const parent = types.getParentType();
        if (parent === schema.getMutationType() && isMarked(node.name.value)) return;
        misplaced = new GraphQLError(
          `@${IDEMPOTENT} can only be used on mutations that the schema marks with it, not on ` +
            `"${String(parent?.name)}.${node.name.value}".`,
          {
            nodes: directive,
            extensions: {
              code: 'GRAPHQL_VALIDATION_FAILED',
              http: { status: 400, headers: new Map() },
            },
          },
        );
      },
    }),
  );
  return misplaced;
}
