import { encodeValue } from '../../src/core/codec.js';
import { IDEMPOTENCY_DEFAULTS } from '../../src/core/options/options.js';
import { prefixOf } from '../../src/stores/redis/redis-store-options.js';
import type { RedisServer } from '../../test/support/redis-server.js';
import type { HttpAnswer } from '../load/connection.js';
import { withEffects } from '../load/figures.js';
import { firstPayment } from '../load/payments.js';
import { resultOf, sendAll } from '../load/repeats.js';
import type { Shot } from '../load/slice.js';
import { firstStatement, STATEMENT_LINES } from '../load/statements.js';
import type { RecordSize } from '../results.js';
import type { BenchServer } from '../server-process.js';
import { SERVICE } from '../service.js';

const CONNECTIONS = 8;
const WARM_UP = 64;
const PREFIX = prefixOf({ service: SERVICE });

/**
 * Measures what records take in Redis, which is emptied for it.
 *
 * @param servers - with a contender that keeps records in this Redis
 * @param records - of each kind, a power of two. Redis doubles its tables when they are full, so
 * that each record has one place in them; with other numbers it would be up to two.
 */
export async function measureRecordSizes(
  servers: readonly BenchServer[],
  redis: RedisServer,
  records: number,
  say: (line: string) => void,
): Promise<RecordSize[]> {
  if (!Number.isInteger(Math.log2(records))) throw new RangeError('The tables would not be full.');
  const sizes: RecordSize[] = [];
  for (const server of servers) {
    say(`records of ${server.name}`);
    sizes.push(await sizeOf(server, redis, records, 'createPayment', firstPayment));
    if (server.name !== 'redis') continue;
    const statement = (): Shot => firstStatement(STATEMENT_LINES.small);
    sizes.push(await sizeOf(server, redis, records, 'createStatement', statement));
  }
  return sizes;
}

async function sizeOf(
  server: BenchServer,
  redis: RedisServer,
  records: number,
  field: string,
  newShot: () => Shot,
): Promise<RecordSize> {
  let result = { value: undefined as unknown, bytes: 0 };
  const send = (count: number): Promise<void> => {
    const shots = Array.from({ length: count }, newShot);
    return withEffects(server, count, () => sendAll(server.port, shots, CONNECTIONS));
  };
  await redis.call('FLUSHALL', 'SYNC');
  await send(WARM_UP - 1);
  // One whose answer is looked at.
  const shot = newShot();
  const check = (answer: HttpAnswer): void => {
    shot.check(answer);
    result = resultOf(answer, field);
  };
  await withEffects(server, 1, () => sendAll(server.port, [{ ...shot, check }], 1));
  const before = await usedMemory(redis);
  await send(records - WARM_UP);
  const after = await usedMemory(redis);
  const size = {
    contender: server.name,
    resultBytes: result.bytes,
    recordBytes: (after - before) / (records - WARM_UP),
  };
  if (server.name !== 'redis') return size;
  const outcomeBytes = encodedBytes(result.value);
  return { ...size, outcomeBytes, bareBytes: await bareBytes(redis, records, outcomeBytes) };
}

/** Sets keys that are as long as those of records. */
const SET_BARE = `
for number = ARGV[1], ARGV[2] do
  local key = string.format('${PREFIX}%032d', number)
  redis.call('SET', key, string.rep('x', ARGV[3]), 'PX', 86400000)
end
`;

async function bareBytes(
  redis: RedisServer,
  records: number,
  outcomeBytes: number,
): Promise<number> {
  await redis.call('FLUSHALL', 'SYNC');
  await redis.call('EVAL', SET_BARE, 0, 1, WARM_UP, outcomeBytes);
  const before = await usedMemory(redis);
  await redis.call('EVAL', SET_BARE, 0, WARM_UP + 1, records, outcomeBytes);
  return ((await usedMemory(redis)) - before) / (records - WARM_UP);
}

function encodedBytes(value: unknown): number {
  return encodeValue(value, { bytesMax: IDEMPOTENCY_DEFAULTS.resultBytesMax }).length;
}

async function usedMemory(redis: RedisServer): Promise<number> {
  return Number((await redis.info('memory')).get('used_memory'));
}
