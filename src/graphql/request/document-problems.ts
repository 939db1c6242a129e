import {
  getNamedType,
  isAbstractType,
  isCompositeType,
  isInterfaceType,
  isObjectType,
  Kind,
  typeFromAST,
  TypeInfo,
  visit,
  visitWithTypeInfo,
  type ASTNode,
  type DocumentNode,
  type FieldNode,
  type FragmentDefinitionNode,
  type GraphQLCompositeType,
  type GraphQLNamedOutputType,
  type GraphQLSchema,
  type SelectionSetNode,
} from 'graphql';
import { IDEMPOTENT } from '../schema/directive.js';

/** A problem of a document, whatever its variables are. */
export interface DocumentProblem {
  readonly node: ASTNode;
  /** Says what is wrong, where it stands, and where it may stand. */
  readonly message: string;
}

/** Finds what is wrong with the documents of one schema. */
export class DocumentRules {
  readonly #schema: GraphQLSchema;
  readonly #isMarked: (fieldName: string) => boolean;
  #hasNestedMutations: boolean | undefined;

  /** @param isMarked - whether the mutation of that name is marked */
  constructor(schema: GraphQLSchema, isMarked: (fieldName: string) => boolean) {
    this.#schema = schema;
    this.#isMarked = isMarked;
  }

  /** Everything that is wrong with a document. */
  problemsIn(document: DocumentNode): readonly DocumentProblem[] {
    return [...this.misplacedDirectives(document), ...this.misplacedMutations(document)];
  }

  /** Every `@idempotent` on a query, a nested field or an unmarked mutation. */
  misplacedDirectives(document: DocumentNode): readonly DocumentProblem[] {
    const types = new TypeInfo(this.#schema);
    const misplaced: DocumentProblem[] = [];
    visit(
      document,
      visitWithTypeInfo(types, {
        Field: (field) => {
          const node = field.directives?.find(({ name }) => name.value === IDEMPOTENT);
          if (node === undefined) return;
          const parent = types.getParentType();
          if (parent === this.#schema.getMutationType() && this.#isMarked(field.name.value)) return;
          const message =
            `@${IDEMPOTENT} can only be used on mutations that the schema marks with it, not on ` +
            `"${String(parent?.name)}.${field.name.value}".`;
          misplaced.push({ node, message });
        },
      }),
    );
    return misplaced;
  }

  /** Every marked mutation that is no root field: its key would be everybody's, and no limit counts it. */
  misplacedMutations(document: DocumentNode): readonly DocumentProblem[] {
    this.#hasNestedMutations ??= hasNestedMutations(this.#schema);
    if (!this.#hasNestedMutations && !document.definitions.some(hasVariablesOfItsOwn)) return [];
    const walk = new MutationWalk(this.#schema, document, this.#isMarked);
    for (const definition of document.definitions) {
      if (definition.kind !== Kind.OPERATION_DEFINITION) continue;
      const root = this.#schema.getRootType(definition.operation);
      if (root != null)
        walk.enter(definition.selectionSet, root, { isRoot: true, inside: undefined });
    }
    return walk.problems;
  }
}

/** The place of a selection. */
interface Place {
  /** Whether its fields are root fields of an operation. */
  readonly isRoot: boolean;
  /** The fragment with variables of its own that it is a part of. */
  readonly inside: string | undefined;
}

class MutationWalk {
  readonly problems: DocumentProblem[] = [];
  readonly #schema: GraphQLSchema;
  readonly #isMarked: (fieldName: string) => boolean;
  readonly #fragments = new Map<string, FragmentDefinitionNode>();
  /** Fragments with the places in which they have been looked at. */
  readonly #visited = new Set<string>();
  readonly #known = new Set<FieldNode>();

  constructor(
    schema: GraphQLSchema,
    document: DocumentNode,
    isMarked: (fieldName: string) => boolean,
  ) {
    this.#schema = schema;
    this.#isMarked = isMarked;
    for (const definition of document.definitions) {
      if (definition.kind !== Kind.FRAGMENT_DEFINITION) continue;
      this.#fragments.set(definition.name.value, definition);
    }
  }

  enter({ selections }: SelectionSetNode, parent: GraphQLCompositeType, place: Place): void {
    for (const selection of selections) {
      if (selection.kind === Kind.FIELD) {
        this.#enterField(selection, parent, place);
      } else if (selection.kind === Kind.INLINE_FRAGMENT) {
        this.#enterFragment(selection, parent, place);
      } else {
        const fragment = this.#fragments.get(selection.name.value);
        if (fragment === undefined) continue;
        const name = fragment.name.value;
        const inside = hasVariablesOfItsOwn(fragment) ? name : place.inside;
        const visit = `${name} ${String(place.isRoot)} ${String(inside)}`;
        if (this.#visited.has(visit)) continue;
        this.#visited.add(visit);
        this.#enterFragment(fragment, parent, { ...place, inside });
      }
    }
  }

  #enterFragment(
    {
      typeCondition,
      selectionSet,
    }: Pick<FragmentDefinitionNode, 'selectionSet'> & {
      readonly typeCondition?: FragmentDefinitionNode['typeCondition'] | undefined;
    },
    parent: GraphQLCompositeType,
    place: Place,
  ): void {
    const type = typeCondition === undefined ? parent : typeFromAST(this.#schema, typeCondition);
    if (isCompositeType(type)) this.enter(selectionSet, type, place);
  }

  #enterField(field: FieldNode, parent: GraphQLCompositeType, { isRoot, inside }: Place): void {
    const name = field.name.value;
    if (this.#isMarked(name) && mayBeMutation(this.#schema, parent) && !this.#known.has(field)) {
      const mutation = `${String(this.#schema.getMutationType()?.name)}.${name}`;
      const message = isRoot
        ? inside && `${mutation} cannot be selected in "${inside}", a fragment with variables.`
        : `${mutation} is idempotent and can only be a root field of a mutation, not below one.`;
      if (message !== undefined) {
        this.#known.add(field);
        this.problems.push({ node: field, message });
      }
    }
    if (field.selectionSet === undefined) return;
    if (!isObjectType(parent) && !isInterfaceType(parent)) return;
    const type = parent.getFields()[name]?.type;
    const named = type && getNamedType(type);
    if (isCompositeType(named)) {
      this.enter(field.selectionSet, named, { isRoot: false, inside: undefined });
    }
  }
}

/** Whether an object that is seen as this type can be a mutation root. */
function mayBeMutation(schema: GraphQLSchema, type: GraphQLNamedOutputType): boolean {
  const root = schema.getMutationType();
  if (root == null) return false;
  return type === root || (isAbstractType(type) && schema.isSubType(type, root));
}

/** Whether any field of the schema gives a mutation root. */
function hasNestedMutations(schema: GraphQLSchema): boolean {
  return Object.values(schema.getTypeMap()).some(
    (type) =>
      (isObjectType(type) || isInterfaceType(type)) &&
      Object.values(type.getFields()).some((field) =>
        mayBeMutation(schema, getNamedType(field.type)),
      ),
  );
}

/** Whether it is a fragment whose spreads have arguments, an experiment of graphql 16 and 17. */
function hasVariablesOfItsOwn(definition: ASTNode): boolean {
  if (definition.kind !== Kind.FRAGMENT_DEFINITION) return false;
  const { variableDefinitions } = definition as {
    readonly variableDefinitions?: readonly unknown[];
  };
  return variableDefinitions !== undefined && variableDefinitions.length > 0;
}
