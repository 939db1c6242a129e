/** Bytes fetched at once: enough for 256 owner tokens. */
const POOL_BYTES = 4_096;

/**
 * Random bytes from a supply that is fetched in one go: asking the operating system's generator
 * takes about the same time for sixteen bytes as for thousands. No byte is given out twice.
 */
export function pooledRandomBytes(
  randomBytes: (size: number) => Uint8Array,
): (size: number) => Uint8Array {
  let pool = new Uint8Array(0);
  let next = 0;
  return (size) => {
    if (size > POOL_BYTES) return randomBytes(size);
    if (next + size > pool.length) {
      pool = new Uint8Array(randomBytes(POOL_BYTES));
      next = 0;
    }
    const bytes = pool.subarray(next, next + size);
    next += size;
    return bytes;
  };
}
