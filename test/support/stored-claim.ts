import type { Cluster, Redis } from 'ioredis';

/** The start and the length of each column of a claim. */
const COLUMNS = {
  version: [0, 1],
  state: [1, 1],
  fence: [2, 16],
  leaseEnd: [18, 16],
  leaseMs: [34, 16],
  attempt: [50, 2],
  policy: [52, 1],
  previous: [53, 1],
  awaited: [54, 1],
  fingerprint: [55, 22],
  owner: [77, 22],
  displaced: [99, 22],
} as const;

export type ClaimColumn = keyof typeof COLUMNS;

/** The start of a claim's steps. */
export const CLAIM_LENGTH = 121;

/** Writes over a column of a claim in Redis, as nothing in the library does. */
export async function writeColumn(
  client: Redis | Cluster,
  key: string,
  name: ClaimColumn,
  value: string | number,
): Promise<void> {
  const [start, length] = COLUMNS[name];
  const text = typeof value === 'number' ? String(value).padStart(length, '0') : value;
  if (text.length !== length) throw new RangeError(`${name} has ${String(length)} characters.`);
  await client.setrange(key, start, text);
}

/** The value of a column of a claim in Redis. */
export function readColumn(
  client: Redis | Cluster,
  key: string,
  name: ClaimColumn,
): Promise<string> {
  const [start, length] = COLUMNS[name];
  return client.getrange(key, start, start + length - 1);
}

/** Makes the lease of a claim over since a while, as waiting would. */
export function lapse(client: Redis | Cluster, key: string, sinceMs = 1_000): Promise<void> {
  return writeColumn(client, key, 'leaseEnd', Date.now() - sinceMs);
}
