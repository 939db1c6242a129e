import {
  GraphQLIncludeDirective,
  GraphQLSkipDirective,
  isAbstractType,
  Kind,
  TypeNameMetaFieldDef,
  type DocumentNode,
  type FieldNode,
  type FragmentDefinitionNode,
  type GraphQLSchema,
  type InlineFragmentNode,
  type OperationDefinitionNode,
  type SelectionNode,
  type SelectionSetNode,
} from 'graphql';
import { directiveArguments, type Variables } from '../graphql-version.js';

/** The root fields that an operation will run, by response key, fragments expanded. */
export type RootFields = ReadonlyMap<string, readonly FieldNode[]>;

/** An operation of a document. */
export interface Operation {
  readonly schema: GraphQLSchema;
  readonly document: DocumentNode;
  readonly operation: OperationDefinitionNode;
}

/**
 * The root fields of an operation with these coerced variables, as the specification's CollectFields
 * finds them (section 6.3.2).
 */
export function rootFieldsOf(operation: Operation, variables: Variables): RootFields {
  return collectRootFields(
    operation,
    (selection) =>
      directiveArguments(GraphQLSkipDirective, selection, variables)?.['if'] !== true &&
      directiveArguments(GraphQLIncludeDirective, selection, variables)?.['if'] !== false,
  );
}

/** The root fields of an operation, whether or not a `@skip` or `@include` leaves some out. */
export function possibleRootFieldsOf(operation: Operation): RootFields {
  return collectRootFields(operation, () => true);
}

/** The root fields of an operation, or `null` if a `@skip` or `@include` has a say in it. */
export function fixedRootFieldsOf(operation: Operation): RootFields | null {
  const conditional: SelectionNode[] = [];
  const fields = collectRootFields(operation, (selection) => {
    if (selection.directives?.some(({ name }) => CONDITIONS.has(name.value))) {
      conditional.push(selection);
    }
    return true;
  });
  return conditional.length === 0 ? fields : null;
}

const CONDITIONS: ReadonlySet<string> = new Set([
  GraphQLSkipDirective.name,
  GraphQLIncludeDirective.name,
]);

function collectRootFields(
  { schema, document, operation }: Operation,
  includes: (selection: SelectionNode) => boolean,
): RootFields {
  const fields = new Map<string, FieldNode[]>();
  const visited = new Set<string>();
  const fragments = new Map(
    document.definitions.flatMap((definition) =>
      definition.kind === Kind.FRAGMENT_DEFINITION ? [[definition.name.value, definition]] : [],
    ),
  );
  const collect = (selectionSet: SelectionSetNode): void => {
    for (const selection of selectionSet.selections) {
      if (!includes(selection)) continue;
      if (selection.kind === Kind.FIELD) {
        const responseKey = (selection.alias ?? selection.name).value;
        const nodes = fields.get(responseKey);
        if (nodes === undefined) fields.set(responseKey, [selection]);
        else nodes.push(selection);
      } else if (selection.kind === Kind.INLINE_FRAGMENT) {
        if (appliesToMutation(schema, selection)) collect(selection.selectionSet);
      } else {
        const fragment = fragments.get(selection.name.value);
        if (fragment === undefined || visited.has(selection.name.value)) continue;
        visited.add(selection.name.value);
        if (appliesToMutation(schema, fragment)) collect(fragment.selectionSet);
      }
    }
  };
  collect(operation.selectionSet);
  return fields;
}

/** The response keys of the root fields that can fail: all of them but `__typename`. */
export function failingKeysOf(fields: RootFields): ReadonlySet<string> {
  const keys = new Set<string>();
  for (const [responseKey, [node]] of fields) {
    if (node?.name.value !== TypeNameMetaFieldDef.name) keys.add(responseKey);
  }
  return keys;
}

/** Whether a fragment selects anything of the root mutation type. */
export function appliesToMutation(
  schema: GraphQLSchema,
  { typeCondition }: InlineFragmentNode | FragmentDefinitionNode,
): boolean {
  const root = schema.getMutationType();
  const condition = typeCondition?.name.value;
  if (condition === undefined || condition === root?.name) return true;
  const type = schema.getType(condition);
  return root != null && isAbstractType(type) && schema.isSubType(type, root);
}
