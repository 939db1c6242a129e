import { isJsonObject } from '../../core/values/json-object.js';

/** What tells the numbers of a JSON text from its strings: an escape, a quote, or a number. */
const TOKEN = /\\.|"|-?\d[\d.eE+-]*/g;

/**
 * A JSON text with some of its parts replaced, in which each number stays as it was written. A number
 * may be one that JavaScript cannot hold, such as 9007199254740993: a caller with a serializer of its
 * own sends it, and rounding it would change what is paid.
 *
 * @param text - a JSON text
 * @param before - what it says
 * @param after - what it is to say; parts that are the same as in `before` stay
 */
export function changedJson(text: string, before: unknown, after: unknown): string {
  const plain = JSON.stringify(after);
  let mark = '#';
  while (plain.includes(mark)) mark += '#';
  const numbers: string[] = [];
  let isInString = false;
  const marked = text.replace(TOKEN, (token) => {
    if (token === '"') isInString = !isInString;
    if (isInString || token === '"' || String(Number(token)) === token) return token;
    return `"${mark}${String(numbers.push(token) - 1)}"`;
  });
  if (numbers.length === 0) return plain;
  const exact = JSON.stringify(changed(JSON.parse(marked), before, after));
  return exact.replace(new RegExp(`"${mark}(\\d+)"`, 'g'), (_, at) => numbers[Number(at)] ?? '');
}

/** `after`, with the parts that are not new taken from `exact`, which has the form of `before`. */
function changed(exact: unknown, before: unknown, after: unknown): unknown {
  if (Object.is(after, before)) return exact;
  if (!isJsonObject(after)) return after;
  const parts = Object.entries(after).map(([name, part]) => {
    const [was, is] = [before, exact].map((from) => (isJsonObject(from) ? from[name] : undefined));
    return [name, changed(is, was, part)];
  });
  return Object.fromEntries(parts) as unknown;
}
