import { systemClock } from '../core/async/clock.js';
import { messageOf } from '../core/values/message-of.js';
import type { CommandSender } from '../stores/redis/clients/redis-driver.js';
import { infoField } from '../stores/redis/setup-check/info-problems.js';
import { RedisStore } from '../stores/redis/redis-store.js';
import { findServices } from '../stores/redis/admin/services.js';
import type { Connection } from './connection.js';
import { bytes } from './terminal/format.js';

/** One thing that was looked at. */
export interface Finding {
  readonly check: string;
  readonly level: 'ok' | 'warning' | 'problem';
  readonly found: string;
  /** The change to make. */
  readonly advice?: string;
}

const SAMPLES = 50;
/** More than this between two clocks is worth knowing. */
const CLOCK_OFFSET_MS_MAX = 1_000;
const SLOW_MS = 20;
/** The share of `maxmemory` from which on it is nearly full. */
const NEARLY_FULL = 0.8;

/** Looks at a Redis as a server does at its start, and further. */
export async function examine(
  connection: Connection,
  replicas: number | 'all' | undefined,
): Promise<Finding[]> {
  const { client, redis, service, basePrefix, timeoutMs } = connection;
  const options = { service, prefix: basePrefix, ...(replicas !== undefined && { replicas }) };
  const store = new RedisStore(redis, options);
  try {
    const { problems } = await store.check(timeoutMs);
    const findings: Finding[] = problems.map((found) => ({
      check: 'settings',
      level: 'problem',
      found,
    }));
    if (problems.length === 0) {
      const found = 'eviction, persistence, replicas, permissions, a claim: nothing to change';
      findings.push({ check: 'settings', level: 'ok', found });
    }
    for (const primary of client.primaries()) {
      findings.push(...(await examinePrimary(primary)));
    }
    findings.push(await servicesFinding(connection));
    return [...findings, await clockFinding(client), ...(await latencyFindings(client, store))];
  } finally {
    await store.close();
  }
}

async function examinePrimary(primary: CommandSender): Promise<Finding[]> {
  const info = await primary.send('info', []).then(String, () => '');
  const field = (name: string): string | undefined => infoField(info, name);
  if (info === '') return [];
  const server = `${field('valkey_version') ? 'Valkey' : 'Redis'} ${field('valkey_version') ?? field('redis_version') ?? '?'}`;
  const replicas = field('connected_slaves') ?? '?';
  return [
    {
      check: 'server',
      level: 'ok',
      found: `${server}, ${field('redis_mode') ?? '?'}, ${field('role') ?? '?'}, ${replicas} replicas`,
    },
    await fsyncFinding(primary, field('aof_enabled') === '1'),
    memoryFinding(Number(field('used_memory')), Number(field('maxmemory'))),
  ];
}

/** Two services of one name would answer each other's retries: only people can tell by operations. */
async function servicesFinding({ client, service, basePrefix }: Connection): Promise<Finding> {
  const check = 'services';
  try {
    const { operations, complete } = await findServices(client, basePrefix);
    const others = [...operations.keys()].filter((name) => name !== service);
    const known = [...operations].map(([name, own]) => `${name} (${[...own].sort().join(', ')})`);
    const found = `${known.sort().join('; ') || 'no records yet'}${complete ? '' : '; among the first keys'}`;
    if (others.length > 0 && complete && !operations.has(service)) {
      const advice = `None is of ${service}: is that the name that its servers have?`;
      return { check, level: 'warning', found, advice };
    }
    const advice = `Every operation of ${service} must be its own: give another service another name.`;
    return { check, level: 'ok', found, ...(operations.has(service) && { advice }) };
  } catch (error) {
    const advice = 'With +scan this tells which services keep records here, and of what.';
    return { check, level: 'warning', found: messageOf(error), advice };
  }
}

async function fsyncFinding(primary: CommandSender, appends: boolean): Promise<Finding> {
  const check = 'persistence';
  if (!appends) return { check, level: 'problem', found: 'no append-only file' };
  const reply = await primary.send('config', ['GET', 'appendfsync']).catch(() => undefined);
  const setting = Array.isArray(reply) ? String(reply[1]) : undefined;
  if (setting === 'always') return { check, level: 'ok', found: 'appendfsync always' };
  return {
    check,
    level: 'warning',
    found: setting === undefined ? 'appendfsync may not be read' : `appendfsync ${setting}`,
    advice: 'A power cut can lose the last one or two seconds. For payments: appendfsync always.',
  };
}

function memoryFinding(used: number, max: number): Finding {
  const check = 'memory';
  if (!(max > 0)) {
    return {
      check,
      level: 'warning',
      found: `${bytes(used)} used, no maxmemory`,
      advice: 'Set maxmemory: without it the system may kill Redis. See docs/capacity.md.',
    };
  }
  const share = used / max;
  const found = `${bytes(used)} of ${bytes(max)} used (${String(Math.round(share * 100))} %)`;
  if (share < NEARLY_FULL) return { check, level: 'ok', found };
  const advice = 'When it is full, new requests are refused. Give it more, or shorten ttlSeconds.';
  return { check, level: 'warning', found, advice };
}

/** The offset that the quickest of some samples shows: what they differ by is on the way. */
async function clockFinding(client: CommandSender): Promise<Finding> {
  let best = { tookMs: Infinity, offsetMs: 0 };
  for (let sample = 0; sample < SAMPLES; sample += 1) {
    const sentAt = systemClock.now();
    const [seconds, micros] = (await client.send('time', [])) as [Buffer, Buffer];
    const tookMs = systemClock.now() - sentAt;
    const serverMs = Number(String(seconds)) * 1_000 + Number(String(micros)) / 1_000;
    const offsetMs = serverMs - (systemClock.wallMs() - tookMs / 2);
    if (tookMs < best.tookMs) best = { tookMs, offsetMs };
  }
  const offset = Math.round(best.offsetMs);
  const found = `Redis's clock is ${String(Math.abs(offset))} ms ${offset < 0 ? 'behind' : 'ahead of'} this machine's`;
  if (Math.abs(offset) <= CLOCK_OFFSET_MS_MAX) return { check: 'clock', level: 'ok', found };
  const advice = 'Harmless to records, which go by Redis alone, but look after its time service.';
  return { check: 'clock', level: 'warning', found, advice };
}

async function latencyFindings(client: CommandSender, store: RedisStore): Promise<Finding[]> {
  const peek = { recordId: 'doctor', fingerprint: 'd'.repeat(43) };
  return [
    await latencyFinding('latency of PING', () => client.send('ping', [])),
    await latencyFinding('latency of a script', () => store.peek(peek)),
  ];
}

async function latencyFinding(check: string, ask: () => Promise<unknown>): Promise<Finding> {
  const took: number[] = [];
  try {
    for (let sample = 0; sample < SAMPLES; sample += 1) {
      const sentAt = systemClock.now();
      await ask();
      took.push(systemClock.now() - sentAt);
    }
  } catch (error) {
    return { check, level: 'problem', found: messageOf(error) };
  }
  took.sort((one, other) => one - other);
  const [median = 0, late = 0] = [0.5, 0.99].map((share) => took[Math.floor(share * SAMPLES)]);
  const found = `p50 ${median.toFixed(2)} ms, p99 ${late.toFixed(2)} ms of ${String(SAMPLES)}`;
  if (median < SLOW_MS) return { check, level: 'ok', found };
  const advice = 'A first execution takes two round trips: put Redis nearer to the servers.';
  return { check, level: 'warning', found, advice };
}
