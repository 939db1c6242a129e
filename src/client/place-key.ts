import type { ApolloLink, OperationVariables } from '@apollo/client';
import { parseHeaderKey, parseKey } from '../core/record/key-syntax.js';
import { madeKey } from './generate-key.js';
import type { IdempotentField, IdempotentFields } from './idempotent-operations.js';

/** How keys are made and which header carries them. */
export interface KeySettings {
  readonly header: string;
  readonly generateKey: () => string;
}

/**
 * Gives an operation its key and puts it where the server looks for it. What the caller has set
 * stays: `context.idempotencyKey`, the header, or a variable, in this order.
 *
 * One key serves every mutation of the operation, as the mutation is part of a record's identity. A
 * mutation that is selected again gets a key made of that one and its response key.
 *
 * @returns the operation's key; it stands in its context from now on, so that a link before this
 * one that sends the operation again sends the same key
 * @throws IdempotencyError `IDEMPOTENCY_KEY_INVALID`
 */
export function placeKey(
  operation: ApolloLink.Operation,
  fields: IdempotentFields,
  { header, generateKey }: KeySettings,
): string {
  const context = operation.getContext();
  const headers = (context['headers'] ?? {}) as Readonly<Record<string, string>>;
  const inHeader = Object.entries(headers).find(([name]) => name.toLowerCase() === header)?.[1];
  const first = firstSelections(fields);
  const given = Object.entries(fields)
    .filter(([responseKey]) => first.has(responseKey))
    .map(([, field]) => givenKey(field, operation.variables));
  const own =
    context['idempotencyKey'] ??
    (inHeader === undefined ? undefined : parseHeaderKey(inHeader)) ??
    given.find((value) => value !== undefined);
  const key = own == null ? madeKey(generateKey) : parseKey(own);
  let variables = operation.variables;
  let travelsInHeader = false;
  for (const [responseKey, field] of Object.entries(fields)) {
    const own = givenKey(field, operation.variables);
    const fieldKey = parseKey(own ?? (first.has(responseKey) ? key : `${key}.${responseKey}`));
    for (const path of pathsOf(field)) variables = withValue(variables, path, fieldKey);
    // It has no place of its own, or what the place is in was left out: an input that is null.
    travelsInHeader ||= givenKey(field, variables) === undefined;
  }
  operation.variables = variables;
  operation.setContext({
    idempotencyKey: key,
    ...(travelsInHeader && inHeader === undefined
      ? { headers: { ...headers, [header]: key } }
      : {}),
  });
  return key;
}

/** Of each mutation the response key that gets the operation's key as it is. */
function firstSelections(fields: IdempotentFields): ReadonlySet<string> {
  const first = new Map<string, string>();
  for (const [responseKey, { mutation }] of Object.entries(fields)) {
    if (!first.has(mutation)) first.set(mutation, responseKey);
  }
  return new Set(first.values());
}

function pathsOf({ key }: IdempotentField): readonly (readonly string[])[] {
  return key === 'header' ? [] : key.map((path) => path.split('.'));
}

/** What stands in one of a field's variables: its key. */
function givenKey(field: IdempotentField, variables: OperationVariables): unknown {
  return pathsOf(field)
    .map((path) => path.reduce<unknown>(valueIn, variables))
    .find((value) => value != null);
}

/** What is sent under a name of an object. */
function valueIn(parent: unknown, name: string): unknown {
  if (!isRecord(parent) || !Object.hasOwn(parent, name)) return undefined;
  const value = parent[name];
  return sendsAnother(value) ? value.toJSON(name) : value;
}

function sendsAnother(value: unknown): value is { toJSON(name: string): unknown } {
  return isRecord(value) && typeof value['toJSON'] === 'function';
}

/** A copy with `value` at the path, unless something stands there or its parent is missing. */
function withValue<T extends Readonly<Record<string, unknown>>>(
  record: T,
  [name, ...rest]: readonly string[],
  value: string,
): T {
  if (name === undefined) return record;
  const current = valueIn(record, name);
  if (rest.length === 0) return current == null ? { ...record, [name]: value } : record;
  return isRecord(current) ? { ...record, [name]: withValue(current, rest, value) } : record;
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
