/**
 * A value as JSON says it, with the keys of its objects in order: equal for whatever is sent alike.
 *
 * @throws TypeError for what JSON cannot say: a bigint, or an object that contains itself
 */
export function canonicalJson(value: unknown): string {
  const sent = JSON.stringify(value) as string | undefined;
  return sent === undefined ? '' : JSON.stringify(JSON.parse(sent, (_, inner) => sorted(inner)));
}

function sorted(value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)));
}
