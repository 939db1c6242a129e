import type { ApolloLink, OperationVariables } from '@apollo/client';
import { parseHeaderKey, parseKey } from '../core/key-syntax.js';
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
  const key = parseKey(
    context['idempotencyKey'] ??
      (inHeader === undefined ? undefined : parseHeaderKey(inHeader)) ??
      chosenKey(fields, operation.variables) ??
      generateKey(),
  );
  const seen = new Set<string>();
  let variables = operation.variables;
  let travelsInHeader = false;
  for (const [responseKey, field] of Object.entries(fields)) {
    const again = seen.has(field.mutation);
    seen.add(field.mutation);
    if (field.key === 'header') {
      travelsInHeader = true;
      continue;
    }
    const own = givenKey(field, operation.variables);
    const fieldKey = parseKey(own ?? (again ? `${key}.${responseKey}` : key));
    for (const path of field.key) variables = withValue(variables, path.split('.'), fieldKey);
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

/**
 * The key that the caller has put into a variable of one mutation, for the whole operation. That of a
 * repeated mutation is meant to differ from the others.
 */
function chosenKey(fields: IdempotentFields, variables: OperationVariables): unknown {
  const all = Object.values(fields);
  const firsts = all.filter(
    ({ mutation }, index) => all.findIndex((other) => other.mutation === mutation) === index,
  );
  return firsts.map((field) => givenKey(field, variables)).find((key) => key !== undefined);
}

/** The key that the caller has put into one of a field's variables. */
function givenKey({ key }: IdempotentField, variables: OperationVariables): unknown {
  if (key === 'header') return undefined;
  return key.map((path) => valueAt(variables, path.split('.'))).find((value) => value != null);
}

function valueAt(variables: unknown, path: readonly string[]): unknown {
  return path.reduce<unknown>(
    (value, name) => (isRecord(value) && Object.hasOwn(value, name) ? value[name] : undefined),
    variables,
  );
}

/** A copy with `value` at `path`, unless something stands there or its parent is missing. */
function withValue<T extends Readonly<Record<string, unknown>>>(
  record: T,
  [name, ...rest]: readonly string[],
  value: string,
): T {
  if (name === undefined) return record;
  const current = Object.hasOwn(record, name) ? record[name] : undefined;
  if (rest.length === 0) return current == null ? { ...record, [name]: value } : record;
  return isRecord(current) ? { ...record, [name]: withValue(current, rest, value) } : record;
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
