/**
 * The hash slot of a key in Redis Cluster: CRC-16/XMODEM of the key, or of its first non-empty part
 * in braces, modulo 16 384.
 *
 * @see https://redis.io/docs/latest/operate/oss_and_stack/reference/cluster-spec/ "Hash tags"
 */
export function keySlot(key: string): number {
  const bytes = Buffer.from(key);
  const open = bytes.indexOf('{');
  const close = open < 0 ? -1 : bytes.indexOf('}', open + 1);
  return crc16(close > open + 1 ? bytes.subarray(open + 1, close) : bytes) % 16_384;
}

function crc16(bytes: Uint8Array): number {
  let crc = 0;
  for (const byte of bytes) {
    crc ^= byte << 8;
    for (let bit = 0; bit < 8; bit += 1) crc = (crc << 1) ^ (crc & 0x8000 ? 0x1021 : 0);
    crc &= 0xffff;
  }
  return crc;
}
