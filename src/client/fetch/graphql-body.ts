import { Kind, OperationTypeNode, type DocumentNode, type OperationDefinitionNode } from 'graphql';
import { isJsonObject } from '../../core/values/json-object.js';
import { parseDocument } from '../core/parse-document.js';
import type { ShownAnswer } from '../intent/ends-intent.js';
import { changedJson } from './exact-json.js';

/** A request of GraphQL over HTTP, as its body says it. */
export interface GraphQLBody {
  /** Everything that the body says, `extensions` for example. */
  readonly whole: Readonly<Record<string, unknown>>;
  /** The operation that runs, as far as the body tells. */
  readonly operationName: string | undefined;
  readonly variables: Readonly<Record<string, unknown>>;
  /** Without it, the operation is one that the server knows by another name. */
  readonly document: DocumentNode | undefined;
}

/** Reads a body. Undefined if it is not one request of GraphQL, or one that cannot be parsed. */
export function parseBody(text: string): GraphQLBody | undefined {
  const whole = parseJson(text);
  if (!isJsonObject(whole)) return undefined;
  const { query, operationName, variables } = whole;
  if (query !== undefined && typeof query !== 'string') return undefined;
  const document = query === undefined ? undefined : parseDocument(query);
  if (query !== undefined && document === undefined) return undefined;
  const given =
    typeof operationName === 'string' && operationName !== '' ? operationName : undefined;
  return {
    whole,
    operationName: given ?? onlyOperation(document)?.name?.value,
    variables: isJsonObject(variables) ? variables : {},
    document,
  };
}

/** The text of a body with these variables in place of its own; as it was, if they are its own. */
export function textWith(
  text: string,
  { whole, variables: own }: GraphQLBody,
  variables: GraphQLBody['variables'],
): string {
  return variables === own ? text : changedJson(text, whole, { ...whole, variables });
}

/** Whether a body holds several requests, which share their headers. */
export function batchOf(text: string): readonly unknown[] | undefined {
  const whole = parseJson(text);
  return Array.isArray(whole) ? whole : undefined;
}

/** Whether its operation is a mutation; undefined if the body does not say. */
export function isMutation({ document, operationName }: GraphQLBody): boolean | undefined {
  if (document === undefined) return undefined;
  const operations = operationsOf(document);
  const meant = operations.find(({ name }) => name?.value === operationName) ?? operations[0];
  return meant?.operation === OperationTypeNode.MUTATION;
}

function onlyOperation(document: DocumentNode | undefined): OperationDefinitionNode | undefined {
  const operations = document === undefined ? [] : operationsOf(document);
  return operations.length === 1 ? operations[0] : undefined;
}

function operationsOf({ definitions }: DocumentNode): readonly OperationDefinitionNode[] {
  return definitions.filter((definition) => definition.kind === Kind.OPERATION_DEFINITION);
}

/** Whether a body is what a server of GraphQL answers, whatever its status. */
export function isAnswer(body: unknown): body is ShownAnswer {
  const { data, errors } = (body ?? {}) as { readonly data?: unknown; readonly errors?: unknown };
  return data !== undefined || Array.isArray(errors);
}

/** The value of a JSON text; undefined if it is not JSON. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
