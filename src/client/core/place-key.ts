import { parseHeaderKey } from '../../core/record/header-key.js';
import { parseKey } from '../../core/record/key-syntax.js';
import { isJsonObject } from '../../core/values/json-object.js';
import { madeKey } from './generate-key.js';
import type { IdempotentField, IdempotentFields } from './idempotent-operations.js';

/** The parts of a request that can carry a key. */
export interface KeyCarriers {
  readonly variables: Readonly<Record<string, unknown>>;
  readonly headers: Readonly<Record<string, string>>;
}

/** The source of new keys, and the header that carries them. */
export interface KeySettings {
  readonly header: string;
  readonly generateKey: () => string;
}

/**
 * Gives a request its key and puts it where the server looks for it. What the caller has set stays:
 * the key itself, the header, or a variable, in this order.
 *
 * One key serves every mutation of the operation, as the mutation is part of a record's identity. A
 * mutation that is selected again gets a key made of that one and its response key.
 *
 * @param chosen - the key, if the caller has chosen one
 * @throws IdempotencyError `IDEMPOTENCY_KEY_INVALID`
 */
export function placeKey(
  { variables: given, headers }: KeyCarriers,
  fields: IdempotentFields,
  chosen: unknown,
  { header, generateKey }: KeySettings,
): KeyCarriers & { readonly key: string } {
  const inHeader = Object.entries(headers).find(([name]) => name.toLowerCase() === header)?.[1];
  const first = firstSelections(fields);
  const inVariables = Object.entries(fields)
    .filter(([responseKey]) => first.has(responseKey))
    .map(([, field]) => givenKey(field, given));
  const known =
    chosen ??
    (inHeader === undefined ? undefined : parseHeaderKey(inHeader)) ??
    inVariables.find((own) => own !== undefined);
  const key = known === undefined ? madeKey(generateKey) : parseKey(known);
  let variables = given;
  let travelsInHeader = false;
  for (const [responseKey, field] of Object.entries(fields)) {
    const own = givenKey(field, given);
    const fieldKey = parseKey(own ?? (first.has(responseKey) ? key : `${key}.${responseKey}`));
    for (const path of pathsOf(field)) variables = withValue(variables, path, fieldKey);
    // It has no place of its own, or what the place is in was left out: an input that is null.
    travelsInHeader ||= givenKey(field, variables) === undefined;
  }
  const isAdded = travelsInHeader && inHeader === undefined;
  return { key, variables, headers: isAdded ? { ...headers, [header]: key } : headers };
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

/** The key in one of a field's variables. */
function givenKey(field: IdempotentField, variables: KeyCarriers['variables']): unknown {
  return pathsOf(field)
    .map((path) => path.reduce<unknown>(valueIn, variables))
    .find((value) => value != null);
}

/** The value under a name of an object. */
function valueIn(parent: unknown, name: string): unknown {
  if (!isJsonObject(parent) || !Object.hasOwn(parent, name)) return undefined;
  const value = parent[name];
  return sendsAnother(value) ? value.toJSON(name) : value;
}

function sendsAnother(value: unknown): value is { toJSON(name: string): unknown } {
  return isJsonObject(value) && typeof value['toJSON'] === 'function';
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
  return isJsonObject(current) ? { ...record, [name]: withValue(current, rest, value) } : record;
}
