import { randomBytes } from 'node:crypto';
import { randomText } from '../../../core/record/key.js';
import { messageOf } from '../../../core/values/message-of.js';
import {
  FINGERPRINT_LENGTH,
  OWNER_LENGTH,
  RECORD_DIGEST_LENGTH,
} from '../../../core/record/record.js';
import { withTimeout } from '../../../core/async/timeout.js';
import type { BeginRequest, IdempotencyStore, StoreCheck } from '../../../core/record/store.js';
import { infoProblems } from './info-problems.js';
import { permissionProblem, permissionScript } from './permission-script.js';
import { channelOf, type RedisStoreSettings } from '../redis-store-options.js';
import type { RedisDriver } from '../clients/redis-driver.js';
import { ask } from '../scripts/define-script.js';

/** The arguments of a check of Redis. */
export interface CheckedRedis {
  readonly client: RedisDriver;
  /** The store over the client; the check claims a record with it and gives it up again. */
  readonly store: IdempotencyStore;
  readonly prefix: string;
  /** The store's option `replicas`. */
  readonly replicas: number | 'all' | undefined;
  /** The longest time of one call, in milliseconds. */
  readonly timeoutMs: number;
}

const PROBE_LEASE_MS = 1_000;

/**
 * Checks a store's settings, as a server does at start.
 *
 * @throws Error when Redis cannot be reached and the store is not strict
 */
export async function checkSetup(
  checked: CheckedRedis &
    Pick<RedisStoreSettings, 'strict' | 'clock' | 'replicas' | 'replicasTimeoutMs'>,
): Promise<StoreCheck> {
  const { client, strict, clock, replicas, replicasTimeoutMs, timeoutMs } = checked;
  const misdirection = client.misdirection();
  if (misdirection !== undefined) return { problems: [misdirection], refuses: true };
  try {
    const problems = await withTimeout(checkRedis(checked), timeoutMs, clock, 'Redis');
    const waitMs = replicas === undefined ? undefined : replicasTimeoutMs;
    return {
      problems: [...problems, ...(await client.settingProblems(waitMs))],
      refuses: strict && problems.length > 0,
    };
  } catch (error) {
    if (!strict) throw error;
    return { problems: [`Redis could not be checked: ${messageOf(error)}`], refuses: true };
  }
}

/**
 * Queries Redis with an ordinary user's permissions, so that a wrong setting or a missing permission shows
 * at start and not in production.
 *
 * @returns the changes to make, in sentences, without duplicates
 * @throws Error when Redis cannot be reached
 */
async function checkRedis(checked: CheckedRedis): Promise<readonly string[]> {
  try {
    await checked.store.ping();
  } catch (error) {
    // Nothing works without the clock.
    if (messageOf(error).startsWith('NOPERM')) return [`Redis refuses: ${messageOf(error)}`];
    throw error;
  }
  const begin = probeRequest(checked.timeoutMs);
  const problems = [
    await settingProblems(checked),
    await permissionProblems(checked, begin.recordId),
    await claimProblems(checked.store, begin),
  ];
  return [...new Set(problems.flat())];
}

async function settingProblems({ client, replicas }: CheckedRedis): Promise<string[]> {
  const found = await Promise.all(
    client.primaries().map(async (primary) => {
      try {
        return infoProblems(String(await primary.send('info', [])), replicas);
      } catch (error) {
        return [`The settings of Redis could not be read: ${messageOf(error)}`];
      }
    }),
  );
  return found.flat();
}

async function permissionProblems(
  { client, prefix, replicas }: CheckedRedis,
  recordId: string,
): Promise<string[]> {
  const channel = channelOf(prefix);
  try {
    const rights = { channel, waitsForReplicas: replicas !== undefined };
    const denied = await ask(client, permissionScript, prefix + recordId, rights);
    return denied.length === 0 ? [] : [permissionProblem(denied, prefix, channel)];
  } catch (error) {
    return [`The permissions of the Redis user could not be checked: ${messageOf(error)}`];
  }
}

async function claimProblems(store: IdempotencyStore, begin: BeginRequest): Promise<string[]> {
  try {
    await store.begin(begin);
    return [];
  } catch (error) {
    return [`Redis refuses claims at the moment: ${messageOf(error)}`];
  } finally {
    // It expires by itself if this fails.
    await store.release({ ...begin, mode: 'withdraw' }).catch(() => undefined);
  }
}

function probeRequest(timeoutMs: number): BeginRequest {
  return {
    recordId: `startUpCheck:${randomText(RECORD_DIGEST_LENGTH, randomBytes)}`,
    fingerprint: randomText(FINGERPRINT_LENGTH, randomBytes),
    owner: randomText(OWNER_LENGTH, randomBytes),
    leaseMs: PROBE_LEASE_MS,
    retentionMs: 2 * PROBE_LEASE_MS,
    onLapse: 'reject',
    waits: false,
    timeoutMs,
  };
}
