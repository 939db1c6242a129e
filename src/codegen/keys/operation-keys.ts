import type { GraphQLSchema, OperationDefinitionNode } from 'graphql';
import { explain } from '../explain.js';
import { keySourcesOf, type KeySources, type MarkedSelection } from './key-sources.js';
import type { Problem } from '../problem.js';

/** The place of the key of one marked root field. */
export interface FieldKey {
  readonly responseKey: string;
  /** Schema coordinate. */
  readonly mutation: string;
  /** Places among the variables, dots between; none if it travels in the header. */
  readonly variables: readonly string[];
}

interface KeyedSelection extends MarkedSelection {
  readonly sources: KeySources;
  /** The number of the operation's selections of the same mutation. */
  readonly count: number;
  /**
   * Which of the operation's keys it gets. All mutations share one, but two selections of one
   * mutation are two intents: from the second on, each has a key of its own.
   */
  readonly keyName: string;
}

const SHARED_KEY = '';

/**
 * The places of the keys of an operation's marked selections.
 *
 * @param problems - receives every reason why one of them would not get the key that is meant
 */
export function operationKeys(
  schema: GraphQLSchema,
  operation: OperationDefinitionNode,
  selections: readonly MarkedSelection[],
  problems: Problem[],
): readonly FieldKey[] {
  const counts = new Map<string, number>();
  const ordered = selections.map((selection) => {
    const before = counts.get(selection.mark.operation) ?? 0;
    counts.set(selection.mark.operation, before + 1);
    return { ...selection, keyName: before === 0 ? SHARED_KEY : selection.responseKey };
  });
  const keyed = ordered.map((selection) => ({
    ...selection,
    count: counts.get(selection.mark.operation) ?? 1,
    sources: keySourcesOf(schema, selection, operation, problems),
  }));
  problems.push(...headerProblems(keyed), ...sharedVariableProblems(keyed));
  return keyed.map(({ responseKey, mark, sources }) => ({
    responseKey,
    mutation: mark.operation,
    variables: sources.filled,
  }));
}

/** The one header counts for every field: what needs it must not stand beside other keys. */
function headerProblems(selections: readonly KeyedSelection[]): Problem[] {
  const repeated = selections.find(({ keyName }) => keyName !== SHARED_KEY);
  if (repeated === undefined) return [];
  const bare = selections.filter(({ sources }) => sources.filled.length === 0);
  return bare.map(({ responseKey, mark, count, nodes: [{ node }] }) => ({
    node,
    message:
      count > 1
        ? explain.ambiguous(responseKey, mark.operation, count)
        : explain.headerBesideKeys(responseKey, repeated.mark.operation),
  }));
}

/** A variable that is filled for one selection must not be read by one that has another key. */
function sharedVariableProblems(selections: readonly KeyedSelection[]): Problem[] {
  return selections.flatMap((selection, index) => {
    const { responseKey, sources, keyName, nodes } = selection;
    for (const other of selections.slice(0, index)) {
      if (other.keyName === keyName) continue;
      const shared =
        sources.filled.find((place) => other.sources.read.includes(place)) ??
        sources.read.find((place) => other.sources.filled.includes(place));
      if (shared === undefined) continue;
      const message = explain.sharedVariable([other.responseKey, responseKey], shared);
      return [{ node: nodes[0].node, message }];
    }
    return [];
  });
}
