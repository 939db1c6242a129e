import type { CompleteReply, CompleteRequest } from '../../core/record/store.js';
import type { RedisArgument } from './redis-like.js';
import { STATUS_LETTERS, type ScriptReply } from './replies.js';
import { COMPLETED, COMPLETING, IN_PROGRESS, kept, script } from './scripts.js';

/**
 * Ends an execution with its outcome.
 *
 * - KEYS[1]: the record
 * - ARGV[1], in words: fingerprint, owner, fence, attempt, status letter, ttlMs, record id, channel;
 *   ARGV[2]: payload
 * - Reply: `stored` expiresAtMs recreated (1 or 0) | `superseded` outcome? | `unreadable` reason
 *
 * Atomic, because between the proof of ownership and the write another request could take over.
 * The flag `allow-oom`: the effect has happened, and refusing its outcome would save no memory worth
 * a second effect.
 */
export const completeScript = script(
  '#!lua flags=allow-oom',
  /* lua */ `
local fp, owner, fence, attempt, status, ttl, id, channel =
  string.match(ARGV[1], '^(%S+) (%S+) (%S+) (%S+) (%S+) (%S+) (%S+) (.+)$')
fence = tonumber(fence)

local kind = redis.call('TYPE', key).ok
`,
  COMPLETING,
  /* lua */ `
local function store()
  redis.call('SET', key, packed_of(status, attempt, fence, owner, fp, ARGV[2]), 'PX', ttl)
  return reply('stored', text(redis.call('PEXPIRETIME', key)), kind == 'none' and '1' or '0')
end
`,
  IN_PROGRESS,
  /* lua */ `
if kind == 'hash' then
  local r, why = read_in_progress()
  if not r then return reply('unreadable', why) end
  if r.own ~= owner or r.fp ~= fp then return reply('superseded') end
  local stored = store()
  if r.waited then redis.call('PUBLISH', channel, id) end
  return stored
end
if kind == 'none' then return store() end
if kind ~= 'string' then return reply('unreadable', 'a ' .. kind .. ' instead of a record') end
`,
  COMPLETED,
  /* lua */ `
local r, why = read_completed()
if not r then return reply('unreadable', why) end
if is_of(r, owner, fence) then return reply('stored', text(redis.call('PEXPIRETIME', key)), '0') end
if r.fp ~= fp then return reply('superseded') end
return outcome('superseded', r)
`,
);

/** The arguments of {@link completeScript}. */
export function completeArguments(request: CompleteRequest, channel: string): RedisArgument[] {
  const { fingerprint, owner, fence, attempt, status, ttlMs, recordId, payload } = request;
  return [
    `${kept(fingerprint)} ${owner} ${fence} ${attempt} ${STATUS_LETTERS[status]} ${ttlMs} ${recordId} ${channel}`,
    Buffer.from(payload.buffer, payload.byteOffset, payload.byteLength),
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
