import { startRedis, type RedisServer } from '../../support/redis-server.js';
import type { Random } from '../random.js';
import { resultOf, withFailures, type Scenario } from '../scenario.js';
import { onTestbed, type Testbed } from '../testbed.js';

/** Bytes of a completed record before its payload. */
const PREAMBLE_BYTES = 40;
const UNREADABLE = 'IDEMPOTENCY_RESULT_UNAVAILABLE';
const MISMATCH = 'IDEMPOTENCY_KEY_PARAMETER_MISMATCH';
const RUNNING = 'IDEMPOTENCY_CONCURRENT_REQUEST';

/** A kind of damage to a record, and the answers that it allows. Nothing may run. */
interface Damage {
  readonly name: string;
  readonly codes: readonly string[];
}

/** Records that hold anything but what we wrote. */
export const damage: Scenario = {
  name: 'damage',
  title: 'stored bytes of the wrong type, truncated, altered, or of a newer version',
  async run({ random, size, variant }) {
    const redis = await startRedis();
    const choices = random.fork('damage');
    const failures: string[] = [];
    const kinds = new Map<string, number>();
    try {
      const result = await onTestbed(
        {
          name: 'damage',
          redis: { kind: 'standalone', port: redis.port },
          random,
          workers: 1,
          variant,
        },
        { unknown: true, reruns: false, notStored: false, forgets: true },
        async (testbed) => {
          for (let number = 1; number <= size; number += 1) {
            const { name, failure } = await damageOne(testbed, redis, choices, number);
            kinds.set(name, (kinds.get(name) ?? 0) + 1);
            if (failure !== undefined) failures.push(failure);
          }
        },
      );
      return withFailures(resultOf(result, Object.fromEntries(kinds)), failures);
    } finally {
      await redis.stop();
    }
  },
};

async function damageOne(
  { pool, client, load, provider }: Testbed,
  redis: RedisServer,
  random: Random,
  number: number,
): Promise<{ name: string; failure: string | undefined }> {
  const operation = random.pick(['hold', 'rerun', 'recovered'] as const);
  const key = `damage-${String(number)}`;
  const call = { scope: 'alice', operation, key, amount: 1, timeoutMs: 10_000 };
  await redis.call('FLUSHALL');
  const first = await load.send(await pool.pick(), client, call);
  const [record] = (await redis.call('KEYS', '*')) as string[];
  if (record === undefined) throw new Error('There is no record to damage.');
  const { name, codes } = await random.pick(DAMAGES)(redis, record, random);
  const effectsBefore = provider.ledger.length;
  const second = await load.send(await pool.pick(), client, call);
  let failure: string | undefined;
  if (provider.ledger.length > effectsBefore) failure = `${name}: the resolver ran`;
  else if (!codes.includes(second.code)) failure = `${name}: answered ${second.code}`;
  else if (second.code === 'OK' && second.receipt?.charge !== first.receipt?.charge) {
    failure = `${name}: answered something else than before`;
  }
  return { name, failure };
}

type DamageAct = (redis: RedisServer, record: string, random: Random) => Promise<Damage>;

const DAMAGES: readonly DamageAct[] = [
  async (redis, record, random) => {
    await redis.call('DEL', record);
    const [command, ...args] = random.pick([
      ['RPUSH', 'a', 'b'],
      ['SADD', 'a'],
      ['ZADD', 1, 'a'],
      ['XADD', '*', 'a', 'b'],
      ['HSET', 'a', 'b'],
    ]);
    await redis.call(command, record, ...args);
    return { name: 'wrong type', codes: [UNREADABLE] };
  },
  async (redis, record, random) => {
    const length = random.integer(0, PREAMBLE_BYTES);
    const lua =
      "redis.call('SET', KEYS[1], string.sub(redis.call('GET', KEYS[1]), 1, ARGV[1]), 'KEEPTTL')";
    await redis.call('EVAL', lua, 1, record, length);
    return { name: 'truncated', codes: [UNREADABLE] };
  },
  async (redis, record, random) => {
    const bit = random.integer(0, PREAMBLE_BYTES * 8 - 1);
    await redis.call('SETBIT', record, bit, 1 - Number(await redis.call('GETBIT', record, bit)));
    // A fence may become another fence; the owner is nobody's business any more.
    return { name: 'bit flipped before the payload', codes: [UNREADABLE, MISMATCH, 'OK'] };
  },
  async (redis, record, random) => {
    const length = Number(await redis.call('STRLEN', record));
    const bit = random.integer(PREAMBLE_BYTES * 8, length * 8 - 1);
    await redis.call('SETBIT', record, bit, 1 - Number(await redis.call('GETBIT', record, bit)));
    return { name: 'bit flipped in the payload', codes: [UNREADABLE] };
  },
  async (redis, record) => {
    await redis.call('SETRANGE', record, 0, '2');
    return { name: 'newer version', codes: [UNREADABLE] };
  },
  async (redis, record, random) => {
    const [column, value, codes] = random.pick(CLAIM_DAMAGES);
    const fingerprint = String(await redis.call('GETRANGE', record, 14, 35));
    const columns = { ...claimLike(fingerprint), [column]: value };
    await redis.call('SET', record, Object.values(columns).join(''), 'KEEPTTL');
    return { name: 'damaged claim', codes };
  },
];

/** A lapsed claim of the same request, which `rerun` and `recovered` would take over, by columns. */
function claimLike(fingerprint: string): Record<string, string> {
  return {
    version: '1',
    state: 'P',
    fence: '1700000000000000',
    leaseEnd: '0001700000000000',
    leaseMs: '0000000000001000',
    attempt: '01',
    policy: 'R',
    previous: 'N',
    awaited: '0',
    fingerprint,
    owner: 'o'.repeat(22),
    displaced: 'o'.repeat(22),
  };
}

/** A column, what stands there instead (nothing: it is missing), and what is answered. */
const CLAIM_DAMAGES: readonly (readonly [string, string, readonly string[]])[] = [
  ['version', '2', [UNREADABLE]],
  ['version', '', [UNREADABLE]],
  ['state', 'p', [UNREADABLE]],
  ['fingerprint', '', [UNREADABLE]],
  ['owner', 'short', [UNREADABLE]],
  ['fence', '-000000000000001', [UNREADABLE]],
  ['fence', '9999999999999999', [UNREADABLE]],
  ['attempt', '--', [UNREADABLE]],
  ['attempt', '00', [UNREADABLE]],
  ['leaseEnd', '', [UNREADABLE]],
  ['leaseEnd', 'soon', [UNREADABLE]],
  ['leaseEnd', '0000000000000000', [UNREADABLE]],
  // A thousand years from now: at most one lease is believed.
  ['leaseEnd', '0033000000000000', [RUNNING]],
  ['leaseMs', '', [UNREADABLE]],
  ['leaseMs', '0000000000000000', [UNREADABLE]],
];
