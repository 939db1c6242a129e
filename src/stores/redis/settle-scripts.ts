import type { ChangeReply } from '../../core/record/record-admin.js';
import { ATTEMPTS_MAX } from '../../core/record/record.js';
import type { RedisArgument } from './redis-like.js';
import type { ScriptReply } from './replies.js';
import { COMPLETED, IN_PROGRESS, script, WAKING } from './scripts.js';

const CHANGE_REPLIES: readonly string[] = [
  'done',
  'changed',
  'running',
  'completed',
  'unreadable',
  'absent',
  'exhausted',
] satisfies ChangeReply[];

/**
 * Ends a record whose owner has died or given up.
 *
 * - KEYS[1]: the record
 * - ARGV[1], in words: fence, action (`outcome` or `rerun`), ttlMs, record id, channel; ARGV[2]: the
 *   completed record
 * - Reply: a {@link ChangeReply}
 *
 * Atomic, because a request may take the record over while an operator decides. The outcome gets a
 * larger fence and another owner, so that an owner that wakes up later learns that it lost and
 * answers with this outcome. The flag `allow-oom`: it frees more than it takes.
 */
export const settleScript = script(
  '#!lua flags=allow-oom',
  /* lua */ `
local fence, action, ttl, id, channel =
  string.match(ARGV[1], '^(%S+) (%S+) (%S+) (%S+) (.+)$')
local kind = redis.call('TYPE', key).ok
if kind == 'none' then return reply('absent') end
if kind == 'string' then return reply('completed') end
if kind ~= 'hash' then return reply('unreadable') end
`,
  IN_PROGRESS,
  WAKING,
  /* lua */ `
local r = read_in_progress()
if not r then return reply('unreadable') end
if r.lease > now then return reply('running') end
if r.fence ~= tonumber(fence) then return reply('changed') end
if action == 'rerun' then
  if r.attempt >= ${String(ATTEMPTS_MAX)} then return reply('exhausted') end
  redis.call('HSET', key, 'le', '0')
else
  redis.call('SET', key, ARGV[2], 'PX', ttl)
end
if r.waited then wake(channel, id) end
return reply('done')
`,
);

/**
 * The arguments of {@link settleScript}.
 *
 * @param ending - the completed record; none for one that is to run again
 */
export function settleArguments(
  recordId: string,
  fence: number,
  ending: { readonly packed: Buffer; readonly ttlMs: number } | undefined,
  channel: string,
): RedisArgument[] {
  const words = ending === undefined ? 'rerun -' : `outcome ${String(ending.ttlMs)}`;
  return [`${String(fence)} ${words} ${recordId} ${channel}`, ending?.packed ?? Buffer.alloc(0)];
}

/**
 * Deletes a record: the next request runs as if there had been none.
 *
 * - KEYS[1]: the record
 * - ARGV: fence (`-` for a record that cannot be read), `1` if a living lease does not matter, the bytes
 *   of a completed record whose checksum does not fit
 * - Reply: a {@link ChangeReply}
 *
 * Atomic, because the record could change between a look and the deletion.
 */
export const forgetScript = script(
  '#!lua flags=allow-oom',
  COMPLETED,
  IN_PROGRESS,
  /* lua */ `
local fence, also_running, damaged = ARGV[1], ARGV[2] == '1', ARGV[3]
local kind = redis.call('TYPE', key).ok
if kind == 'none' then return reply('absent') end
local r
if kind == 'string' and redis.call('GET', key) ~= damaged then r = read_completed() end
if kind == 'hash' then r = read_in_progress() end
if (r and text(r.fence) or '-') ~= fence then return reply('changed') end
if r and r.lease and r.lease > now and not also_running then return reply('running') end
redis.call('DEL', key)
return reply('done')
`,
);

/** The arguments of {@link forgetScript}. */
export function forgetArguments(
  fence: number | undefined,
  alsoRunning: boolean,
  damaged: Uint8Array,
): RedisArgument[] {
  return [
    fence === undefined ? '-' : String(fence),
    alsoRunning ? '1' : '0',
    Buffer.from(damaged.buffer, damaged.byteOffset, damaged.byteLength),
  ];
}

/** Reads the reply of {@link settleScript} and {@link forgetScript}. */
export function parseChange(reply: ScriptReply): ChangeReply {
  if (CHANGE_REPLIES.includes(reply.kind)) return reply.kind as ChangeReply;
  throw reply.unexpected();
}
