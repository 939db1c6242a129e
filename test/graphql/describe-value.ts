/** A description of a value, for scalars that show what a resolver would see. */
export function describeValue(value: unknown): string {
  if (value instanceof Map) return `Map(${[...value].map(describeValue).join()})`;
  if (value instanceof Set) return `Set(${[...value].map(describeValue).join()})`;
  if (Buffer.isBuffer(value)) return `Buffer(${value.toString('hex')})`;
  if (ArrayBuffer.isView(value)) {
    const bytes = Buffer.from(value.buffer, value.byteOffset, value.byteLength);
    return `${value.constructor.name}(${bytes.toString('hex')})`;
  }
  if (value instanceof Date) return `Date(${value.toISOString()})`;
  if (value instanceof Error) return `${value.name}(${value.message})`;
  if (typeof value === 'string') return JSON.stringify(value);
  if (Array.isArray(value)) return `[${value.map(describeValue).join()}]`;
  if (Object.is(value, -0)) return '-0';
  if (typeof value === 'bigint') return `${String(value)}n`;
  if (typeof value === 'object' && value !== null) {
    const members = Object.entries(value).map(
      ([name, member]) => `${name}:${describeValue(member)}`,
    );
    return `{${members.join()}}`;
  }
  return `${typeof value} ${String(value)}`;
}
