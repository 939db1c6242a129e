import { createHash, randomBytes } from 'node:crypto';
import { Redis } from 'ioredis';

/** Stores an answer if the claim still holds. */
const COMPLETE = `
if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end
redis.call('SET', KEYS[1], ARGV[2], 'PX', ARGV[3])
return 1
`;
const COMPLETE_SHA = createHash('sha1').update(COMPLETE).digest('hex');
const LEASE_MS = 30_000;
const TTL_MS = 86_400_000;

/**
 * The fewest Redis commands that keep a mutation from happening twice: claim or read in one, and
 * complete under the claim's token in another. No fingerprint, no waiting, no renewal, no deadline,
 * no types beyond JSON: what is left when everything that can be left out is.
 */
export async function openFloor(
  port: number,
  enableAutoPipelining: boolean,
): Promise<<T>(key: string, run: () => T | Promise<T>) => Promise<T>> {
  const redis = new Redis(port, '127.0.0.1', { enableAutoPipelining });
  await redis.script('LOAD', COMPLETE);
  return async <T>(key: string, run: () => T | Promise<T>) => {
    const id = `floor:${key}`;
    const token = `claim:${randomBytes(16).toString('base64url')}`;
    const found = await redis.set(id, token, 'PX', LEASE_MS, 'NX', 'GET');
    if (found?.startsWith('claim:') === true) throw new Error('The request is being processed.');
    if (found !== null) return JSON.parse(found) as T;
    const answer = await run();
    const stored = await redis.evalsha(COMPLETE_SHA, 1, id, token, JSON.stringify(answer), TTL_MS);
    if (stored !== 1) throw new Error('The claim was lost.');
    return answer;
  };
}
