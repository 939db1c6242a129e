import type { CompleteReply, CompleteRequest } from '../../core/record/store.js';
import type { RedisArgument } from './redis-like.js';
import { kept, packOutcome } from './packed-outcome.js';
import type { ScriptReply } from './replies.js';
import { COMPLETED, IN_PROGRESS, script, WAKING } from './scripts.js';

/**
 * Ends an execution with its outcome.
 *
 * - KEYS[1]: the record
 * - ARGV[1], in words: fingerprint, owner, fence, ttlMs, record id, channel; ARGV[2]: the completed
 *   record
 * - Reply: `stored` expiresAtMs recreated (1 or 0), the record's header if it was there |
 *   `superseded`, expiresAtMs and the record if that has the same fingerprint, its header if it is of
 *   another | `unreadable` reason
 *
 * Atomic, because between the proof of ownership and the write another request could take over.
 * The flag `allow-oom`: the effect has happened, and refusing its outcome would save no memory worth
 * a second effect.
 */
export const completeScript = script(
  '#!lua flags=allow-oom',
  /* lua */ `
local fp, owner, fence, ttl, id, channel =
  string.match(ARGV[1], '^(%S+) (%S+) (%S+) (%S+) (%S+) (.+)$')
fence = tonumber(fence)

local kind = redis.call('TYPE', key).ok
`,
  /* lua */ `
local function store()
  redis.call('SET', key, ARGV[2], 'PX', ttl)
  return reply('stored', text(redis.call('PEXPIRETIME', key)), kind == 'none' and '1' or '0')
end
`,
  IN_PROGRESS,
  WAKING,
  /* lua */ `
if kind == 'hash' then
  local r, why = read_in_progress()
  if not r then return reply('unreadable', why) end
  if r.own ~= owner or r.fp ~= fp then return reply('superseded') end
  local stored = store()
  if r.waited then wake(channel, id) end
  return stored
end
if kind == 'none' then return store() end
if kind ~= 'string' then return reply('unreadable', 'a ' .. kind .. ' instead of a record') end
`,
  COMPLETED,
  /* lua */ `
local r, why = read_completed()
if not r then return reply('unreadable', why) end
if is_of(r, owner, fence) then
  return {reply('stored', text(redis.call('PEXPIRETIME', key)), '0'), header_of(r)}
end
if r.fp ~= fp then return {reply('superseded'), header_of(r)} end
return outcome('superseded', r)
`,
);

/** The arguments of {@link completeScript}. */
export function completeArguments(request: CompleteRequest, channel: string): RedisArgument[] {
  const { fingerprint, owner, fence, ttlMs, recordId } = request;
  return [
    `${kept(fingerprint)} ${owner} ${fence} ${ttlMs} ${recordId} ${channel}`,
    packOutcome(request),
  ];
}

/** Reads the reply of {@link completeScript}. */
export function parseComplete(reply: ScriptReply): CompleteReply {
  switch (reply.kind) {
    case 'stored': {
      const [expiresAtMs, recreated] = [reply.expiry(), reply.word() === '1'];
      return reply.damagedHeader() ?? { kind: 'stored', expiresAtMs, recreated };
    }
    case 'superseded': {
      if (!reply.hasWords)
        return reply.damagedHeader() ?? { kind: 'superseded', outcome: undefined };
      const found = reply.completed();
      return found.kind === 'completed' ? { ...found, kind: 'superseded' } : found;
    }
    case 'unreadable':
      return reply.unreadable();
    default:
      throw reply.unexpected();
  }
}
