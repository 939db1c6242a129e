import { decodeValue, encodeValue } from '../core/codec.js';
import { splitTrace } from '../core/trace-context.js';
import { UsageError } from './options/usage-error.js';
import type { Json } from './terminal/terminal-text.js';

/** A word of extended JSON that can be written: what may follow it, and what it stands for. */
interface Word {
  readonly takes: RegExp | true;
  readonly read: (text: string) => unknown;
}

const BASE64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;

/**
 * Extended JSON. What JSON has no word for is an object with one property: `{"$date": "2026-…"}`,
 * `{"$bigint": "12"}`, `{"$bytes": "base64"}`, `{"$number": "NaN"}`, `{"$undefined": true}`.
 * `__typename` is the concrete type of an object. Sets, maps and cycles are shown, and cannot be
 * written.
 */
const WORDS = new Map<string, Word>([
  ['$date', { takes: /^(\d{4}|[+-]\d{6})-\d{2}-\d{2}T[\d:.]+Z$/, read: validDate }],
  ['$bigint', { takes: /^-?\d+$/, read: BigInt }],
  ['$bytes', { takes: BASE64, read: (text) => Buffer.from(text, 'base64') }],
  ['$number', { takes: /^(NaN|-?Infinity|-0)$/, read: Number }],
  ['$undefined', { takes: true, read: () => undefined }],
]);

/** The largest outcome that an operator may write, in bytes. */
const BYTES_MAX = 1_048_576;

/**
 * Encodes a value that was written in JSON as a resolver's result.
 *
 * @throws UsageError when it is not JSON, or cannot be encoded
 */
export function encodeJson(json: string): Uint8Array {
  let parsed: unknown;
  try {
    parsed = JSON.parse(json);
  } catch (error) {
    throw new UsageError(`The value is not JSON: ${error instanceof Error ? error.message : ''}`);
  }
  const typeNames = new Map<object, string>();
  try {
    const value = valueOf(parsed, typeNames);
    return encodeValue(value, { bytesMax: BYTES_MAX, typeNames });
  } catch (error) {
    throw new UsageError(
      `The value cannot be kept: ${error instanceof Error ? error.message : ''}`,
    );
  }
}

/** Encodes an error as a resolver's on purpose: see `storableError` of the GraphQL layer. */
export function encodeError(message: string, extensions: Record<string, unknown>): Uint8Array {
  return encodeValue({ message, extensions, http: undefined }, { bytesMax: BYTES_MAX });
}

/**
 * Decodes a payload to extended JSON.
 *
 * @throws UnreadableValueError
 */
export function decodeToJson(payload: Uint8Array): Json {
  const types = new Map<object, string>();
  const named = (typeName: string): object => {
    const object = {};
    types.set(object, typeName);
    return object;
  };
  const revival = { createInstance: named, createTyped: named };
  const value = decodeValue(splitTrace(payload).payload, revival);
  return extendedValue(value, types, new Set());
}

function valueOf(given: unknown, typeNames: Map<object, string>): unknown {
  if (typeof given !== 'object' || given === null) return given;
  if (Array.isArray(given)) return given.map((item) => valueOf(item, typeNames));
  const entries = Object.entries(given);
  const [[word, content] = ['']] = entries;
  const known = entries.length === 1 ? WORDS.get(word) : undefined;
  if (known !== undefined) return readWord(word, known, content);
  if (entries.length === 1 && word.startsWith('$')) throw new Error(`${word} cannot be written.`);
  // `__typename` stays: the default type resolver reads it, and so may others.
  const data = Object.fromEntries(entries.map(([name, item]) => [name, valueOf(item, typeNames)]));
  const { __typename: typeName } = given as { readonly __typename?: unknown };
  if (typeof typeName === 'string') typeNames.set(data, typeName);
  return data;
}

/** A word that is nearly right would become another value without a sound: it is refused. */
function readWord(word: string, { takes, read }: Word, content: unknown): unknown {
  const fits =
    takes === true ? content === true : typeof content === 'string' && takes.test(content);
  if (fits) return read(String(content));
  throw new Error(`${word} cannot be ${JSON.stringify(content)}.`);
}

function validDate(text: string): Date {
  const date = new Date(text);
  // The 30th of February would become the 2nd of March.
  const day = text.slice(0, text.indexOf('T'));
  if (!Number.isNaN(date.getTime()) && date.toISOString().startsWith(day)) return date;
  throw new Error(`$date cannot be ${JSON.stringify(text)}: there is no such time.`);
}

function extendedValue(
  value: unknown,
  types: ReadonlyMap<object, string>,
  above: ReadonlySet<object>,
): Json {
  switch (typeof value) {
    case 'undefined':
      return { $undefined: true };
    case 'bigint':
      return { $bigint: String(value) };
    case 'number':
      return Number.isFinite(value) && !Object.is(value, -0)
        ? value
        : { $number: Object.is(value, -0) ? '-0' : String(value) };
    case 'object':
      return value === null ? null : extendedObject(value, types, above);
    case 'string':
    case 'boolean':
      return value;
    default:
      // Neither symbols nor functions are ever recorded.
      return String(value);
  }
}

function extendedObject(
  value: object,
  types: ReadonlyMap<object, string>,
  above: ReadonlySet<object>,
): Json {
  if (above.has(value)) return { $circular: true };
  const inside = new Set(above).add(value);
  const each = (items: Iterable<unknown>): unknown[] =>
    Array.from(items, (item) => extendedValue(item, types, inside));
  if (Array.isArray(value)) return each(value);
  if (value instanceof Date) {
    return { $date: Number.isNaN(value.getTime()) ? 'invalid' : value.toISOString() };
  }
  if (ArrayBuffer.isView(value)) {
    const { buffer, byteOffset, byteLength } = value;
    return { $bytes: Buffer.from(buffer, byteOffset, byteLength).toString('base64') };
  }
  if (value instanceof ArrayBuffer) return { $bytes: Buffer.from(value).toString('base64') };
  if (value instanceof Set) return { $set: each(value) };
  if (value instanceof Map) return { $map: [...value].map((entry) => each(entry)) };
  const typeName = types.get(value);
  const recorded = typeName === undefined ? {} : { __typename: typeName };
  const data = Object.fromEntries(
    Object.entries(value).map(([name, item]) => [name, extendedValue(item, types, inside)]),
  );
  // The recorded type comes first, and is shown whatever the data say.
  return { ...recorded, ...data, ...recorded };
}
