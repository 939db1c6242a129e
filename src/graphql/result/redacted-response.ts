import {
  Kind,
  type FragmentDefinitionNode,
  type GraphQLResolveInfo,
  type SelectionSetNode,
} from 'graphql';
import { UnfaithfulValueError, type Redacts } from '../../core/codec.js';

/** The selection under one response key: the names of the fields, and the selections below. */
interface Selected {
  readonly names: Set<string>;
  readonly below: SelectionSetNode[];
}

/**
 * Refuses a response that has a property which must not be stored: a response is kept whole or not
 * at all, since its selection names no replacement.
 *
 * @param data - the field's data
 * @throws UnfaithfulValueError that names the property
 */
export function refuseRedacted(
  data: unknown,
  { fieldNodes, fragments }: Pick<GraphQLResolveInfo, 'fieldNodes' | 'fragments'>,
  redacts: Redacts,
): void {
  const selections = fieldNodes.flatMap(({ selectionSet }) => selectionSet ?? []);
  new RedactedWalk(fragments, redacts).walk(data, selections, []);
}

class RedactedWalk {
  readonly #fragments: Readonly<Record<string, FragmentDefinitionNode>>;
  readonly #redacts: Redacts;

  constructor(fragments: Readonly<Record<string, FragmentDefinitionNode>>, redacts: Redacts) {
    this.#fragments = fragments;
    this.#redacts = redacts;
  }

  walk(data: unknown, selections: readonly SelectionSetNode[], place: readonly string[]): void {
    if (typeof data !== 'object' || data === null) return;
    if (Array.isArray(data)) {
      data.forEach((item, index) => {
        this.walk(item, selections, [...place, `[${index}]`]);
      });
      return;
    }
    const selected = this.#selected(selections);
    for (const [key, value] of Object.entries(data)) {
      const { names = new Set([key]), below = [] } = selected.get(key) ?? {};
      const here = [...place, key];
      for (const name of names) {
        if (this.#redacts(data, name)) {
          throw new UnfaithfulValueError('has a property that redact leaves out', here);
        }
      }
      this.walk(value, below, here);
    }
  }

  /** The fields of the selections, whatever types their fragments are for. */
  #selected(selections: readonly SelectionSetNode[]): Map<string, Selected> {
    const selected = new Map<string, Selected>();
    const visited = new Set<string>();
    const collect = (selectionSet: SelectionSetNode): void => {
      for (const selection of selectionSet.selections) {
        if (selection.kind === Kind.FIELD) {
          const key = (selection.alias ?? selection.name).value;
          const under = selected.get(key) ?? { names: new Set(), below: [] };
          selected.set(key, under);
          under.names.add(selection.name.value);
          if (selection.selectionSet !== undefined) under.below.push(selection.selectionSet);
        } else if (selection.kind === Kind.INLINE_FRAGMENT) {
          collect(selection.selectionSet);
        } else if (!visited.has(selection.name.value)) {
          visited.add(selection.name.value);
          const fragment = this.#fragments[selection.name.value];
          if (fragment !== undefined) collect(fragment.selectionSet);
        }
      }
    };
    selections.forEach(collect);
    return selected;
  }
}
