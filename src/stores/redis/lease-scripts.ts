import type {
  ReleaseReply,
  ReleaseRequest,
  RenewReply,
  RenewRequest,
} from '../../core/record/store.js';
import type { RedisArgument } from './redis-like.js';
import type { ScriptReply } from './replies.js';
import { IN_PROGRESS, script, WAKING } from './scripts.js';

/**
 * Prolongs a lease.
 *
 * - KEYS[1]: the record
 * - ARGV: owner, leaseMs, retentionMs
 * - Reply: `renewed` | `lost`
 *
 * Atomic, because only the owner may prolong, and the owner could change in between. A claim that
 * was released is not revived by a renewal that was under way. The flag `allow-oom`: a running
 * execution must not lose its lease because Redis is full.
 */
export const renewScript = script(
  '#!lua flags=allow-oom',
  IN_PROGRESS,
  /* lua */ `
local owner, lease, retention = ARGV[1], tonumber(ARGV[2]), ARGV[3]
local r = redis.call('TYPE', key).ok == 'hash' and read_in_progress()
if not r or r.own ~= owner or r.lease == 0 then return reply('lost') end
redis.call('HSET', key, 'le', text(now + lease), 'ld', text(lease))
-- Never earlier: the record may have been claimed with a longer retention.
redis.call('PEXPIRE', key, retention, 'GT')
return reply('renewed')
`,
);

/** The arguments of {@link renewScript}. */
export function renewArguments(request: RenewRequest): RedisArgument[] {
  return [request.owner, String(request.leaseMs), String(request.retentionMs)];
}

/** Reads the reply of {@link renewScript}. */
export function parseRenew(reply: ScriptReply): RenewReply {
  if (reply.kind === 'renewed' || reply.kind === 'lost') return reply.kind;
  throw reply.unexpected();
}

/**
 * Gives a claim up without an outcome.
 *
 * - KEYS[1]: the record
 * - ARGV: owner, mode, channel, record id
 * - Reply: `released` | `lost`
 *
 * Atomic, because only the owner may delete, and the owner could change in between. The flag
 * `allow-oom`: it frees memory.
 *
 * `withdraw` gives the record back to the owner that was displaced, so that its late outcome is
 * still accepted. The fence stays as high as it was.
 */
export const releaseScript = script(
  '#!lua flags=allow-oom',
  IN_PROGRESS,
  WAKING,
  /* lua */ `
local owner, mode, channel, id = ARGV[1], ARGV[2], ARGV[3], ARGV[4]
local r = redis.call('TYPE', key).ok == 'hash' and read_in_progress()
if not r or r.own ~= owner then return reply('lost') end
-- The same command sent again.
if r.lease <= 1 then return reply('released') end

local function has_steps()
  for _, field in ipairs(redis.call('HKEYS', key)) do
    if string.sub(field, 1, 2) == 's:' then return true end
  end
  return false
end

if mode == 'withdraw' and r.attempt > 1 then
  redis.call('HSET', key, 'le', r.prev == 'released' and '0' or '1', 'n', text(r.attempt - 1),
    'own', r.pown or r.own)
elseif mode == 'keep' or has_steps() then
  redis.call('HSET', key, 'le', '0')
else
  redis.call('DEL', key)
end
if r.waited then wake(channel, id) end
return reply('released')
`,
);

/** The arguments of {@link releaseScript}. */
export function releaseArguments(request: ReleaseRequest, channel: string): RedisArgument[] {
  return [request.owner, request.mode, channel, request.recordId];
}

/** Reads the reply of {@link releaseScript}. */
export function parseRelease(reply: ScriptReply): ReleaseReply {
  if (reply.kind === 'released' || reply.kind === 'lost') return reply.kind;
  throw reply.unexpected();
}
