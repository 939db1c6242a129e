import type { CompleteReply, CompleteRequest } from '../../core/store.js';
import type { RedisArgument } from './redis-like.js';
import { STATUS_LETTERS, type ScriptReply } from './replies.js';
import { script } from './scripts.js';

/**
 * Ends an execution with its outcome.
 *
 * - KEYS[1]: the record
 * - ARGV: fingerprint, owner, fence, attempt, status letter, ttlMs, channel, payload, record id
 * - Reply: `stored` expiresAtMs recreated (1 or 0) | `superseded` outcome? | `unreadable` reason
 *
 * Atomic, because between the proof of ownership and the write another request could take over.
 * The flag `allow-oom`: the effect has happened, and refusing its outcome would save no memory worth
 * a second effect.
 */
export const completeScript = script(
  '#!lua flags=allow-oom',
  /* lua */ `
local fp, owner, fence, attempt = ARGV[1], ARGV[2], tonumber(ARGV[3]), tonumber(ARGV[4])
local status, ttl, channel, payload, id = ARGV[5], ARGV[6], ARGV[7], ARGV[8], ARGV[9]

local function expiry() return text(redis.call('PEXPIRETIME', key)) end

local kind = redis.call('TYPE', key).ok
if kind == 'string' then
  local r, why = read_completed()
  if not r then return reply('unreadable', why) end
  if r.own == owner then return reply('stored', expiry(), '0') end
  if r.fp ~= fp then return reply('superseded') end
  return outcome('superseded', r)
end

local waited = false
if kind == 'hash' then
  local r, why = read_in_progress()
  if not r then return reply('unreadable', why) end
  if r.own ~= owner or r.fp ~= fp then return reply('superseded') end
  waited = r.waited
elseif kind ~= 'none' then
  return reply('unreadable', 'a ' .. kind .. ' instead of a record')
end

redis.call('SET', key, '1' .. status .. string.format('%016.0f', fence)
  .. string.format('%013.0f', now) .. string.format('%02d', attempt) .. owner .. fp .. payload,
  'PX', ttl)
if waited then redis.call('PUBLISH', channel, id) end
return reply('stored', expiry(), kind == 'none' and '1' or '0')
`,
);

/** The arguments of {@link completeScript}. */
export function completeArguments(request: CompleteRequest, channel: string): RedisArgument[] {
  const { payload } = request;
  return [
    request.fingerprint,
    request.owner,
    String(request.fence),
    String(request.attempt),
    STATUS_LETTERS[request.status],
    String(request.ttlMs),
    channel,
    Buffer.from(payload.buffer, payload.byteOffset, payload.byteLength),
    request.recordId,
  ];
}

/** Reads the reply of {@link completeScript}. */
export function parseComplete(reply: ScriptReply): CompleteReply {
  switch (reply.kind) {
    case 'stored':
      return { kind: 'stored', expiresAtMs: reply.expiry(), recreated: reply.word() === '1' };
    case 'superseded':
      return { kind: 'superseded', outcome: reply.hasWords ? reply.outcome() : undefined };
    case 'unreadable':
      return reply.unreadable();
    default:
      throw reply.unexpected();
  }
}
