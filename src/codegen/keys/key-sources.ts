import {
  DirectiveLocation,
  GraphQLString,
  Kind,
  type FieldNode,
  type GraphQLSchema,
  type OperationDefinitionNode,
  type ValueNode,
  type VariableNode,
} from 'graphql';
import type { ArgumentPath } from '../../graphql/arguments/argument-path.js';
import { IDEMPOTENT } from '../../graphql/schema/directive.js';
import { argumentSource } from '../../graphql/arguments/key-source.js';
import type { MarkedField } from '../../graphql/schema/marked-fields.js';
import { explain } from '../explain.js';
import { isAlwaysThere, keyVariableProblem, type KeyVariable } from './key-variable.js';
import type { Problem } from '../problem.js';
import type { RootSelection } from '../root-selections.js';

/** A marked mutation that an operation selects under one response key. */
export interface MarkedSelection {
  readonly responseKey: string;
  readonly mark: MarkedField;
  /** The places among its arguments that may carry its key. */
  readonly keyPaths: readonly ArgumentPath[];
  /** Its places in the document; the server makes one field of them. */
  readonly nodes: readonly [RootSelection, ...RootSelection[]];
}

/** The sources of a selection's key. */
export interface KeySources {
  /** All places among the variables that the server looks at, dots between. */
  readonly read: readonly string[];
  /** Those that the client fills; none if the key has to travel in the header. */
  readonly filled: readonly string[];
}

/**
 * The sources of a selection's key.
 *
 * @param problems - receives what would give it another key than the client's, or none
 */
export function keySourcesOf(
  schema: GraphQLSchema,
  selection: MarkedSelection,
  operation: OperationDefinitionNode,
  problems: Problem[],
): KeySources {
  const inArguments = argumentSources(selection, problems);
  const own = (source: KeyVariable): boolean => source.rest.length === 0;
  const inDirectives = directiveSources(schema, selection, !inArguments.some(own), problems);
  const sources = [...inDirectives, ...inArguments];
  // Inside of a variable that is left out, the client would have nowhere to put it.
  const inside = sources.filter((source) => isAlwaysThere(source, operation));
  const filled = sources.some(own) ? sources.filter(own) : inside;
  for (const source of sources) {
    const problem = keyVariableProblem(source, operation);
    if (problem !== undefined) problems.push({ node: source.variable, ...problem });
  }
  return { read: placesOf(sources), filled: placesOf(filled) };
}

function placesOf(sources: readonly KeyVariable[]): readonly string[] {
  return [
    ...new Set(sources.map(({ variable, rest }) => [variable.name.value, ...rest].join('.'))),
  ];
}

/** The sources among the arguments; they are the same at each place of a selection. */
function argumentSources(
  { mark, keyPaths, nodes: [{ node }] }: MarkedSelection,
  problems: Problem[],
): readonly KeyVariable[] {
  return keyPaths.flatMap((path): readonly KeyVariable[] => {
    const source = argumentSource(mark.field, node, path);
    switch (source.kind) {
      case 'variable':
        return [source];
      case 'literal':
        problems.push({ node: source.node, message: explain.literal });
        return [];
      case 'unreachable':
        problems.push({ node: source.node, message: explain.unreachable });
        return [];
      case 'absent':
        return [];
    }
  });
}

/**
 * The source in `@idempotent(key:)`.
 *
 * @param mustArrive - whether no argument carries the key
 */
function directiveSources(
  schema: GraphQLSchema,
  { responseKey, nodes }: MarkedSelection,
  mustArrive: boolean,
  problems: Problem[],
): readonly KeyVariable[] {
  const variables: VariableNode[] = [];
  const bare: FieldNode[] = [];
  let certain = false;
  for (const { node, conditional } of nodes) {
    const value = directiveKey(schema, node, problems);
    if (value?.kind === Kind.VARIABLE) {
      variables.push(value);
      certain ||= !conditional;
    } else if (value === undefined || value.kind === Kind.NULL) bare.push(node);
    else problems.push({ node: value, message: explain.literal });
  }
  const [first] = variables;
  if (first === undefined) return [];
  const other = variables.find(({ name }) => name.value !== first.name.value);
  if (other !== undefined) {
    const names = [first.name.value, other.name.value];
    problems.push({ node: other, message: explain.differentVariables(responseKey, names) });
  } else if (mustArrive && !certain && bare[0] !== undefined) {
    problems.push({
      node: bare[0],
      message: explain.skippedKey(responseKey, first.name.value),
    });
  }
  return variables.map((variable) => ({ variable, rest: [], type: GraphQLString }));
}

function directiveKey(
  schema: GraphQLSchema,
  node: FieldNode,
  problems: Problem[],
): ValueNode | undefined {
  const directive = node.directives?.find(({ name }) => name.value === IDEMPOTENT);
  if (directive === undefined) return undefined;
  const definition = schema.getDirective(IDEMPOTENT);
  if (definition?.locations.includes(DirectiveLocation.FIELD) !== true) {
    problems.push({ node: directive, message: explain.notExecutable });
  }
  return directive.arguments?.find(({ name }) => name.value === 'key')?.value;
}
