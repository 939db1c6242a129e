import type { RedisDriver } from '../clients/redis-driver.js';

/** The number of keys in one step of a search. */
const SCAN_COUNT = 500;

/**
 * The keys that begin with `start`, in no order, in a batch for each step of the search. A key may appear
 * twice. Redis looks at every key that it has.
 */
export async function* scanKeys(
  client: RedisDriver,
  start: string,
): AsyncIterable<readonly string[]> {
  const pattern = `${escaped(start)}*`;
  for (const node of client.primaries()) {
    let cursor = '0';
    do {
      const reply = await node.send('scan', [cursor, 'MATCH', pattern, 'COUNT', SCAN_COUNT]);
      const [next, keys] = reply as [Buffer, Buffer[]];
      cursor = String(next);
      yield keys.map(String);
    } while (cursor !== '0');
  }
}

/** Escapes text for a pattern of `SCAN`. */
function escaped(text: string): string {
  return text.replaceAll(/[*?[\]\\^]/g, String.raw`\$&`);
}
