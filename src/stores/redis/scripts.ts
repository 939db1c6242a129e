import { createHash } from 'node:crypto';

import type { RedisArgument, RedisCommandsLike } from './redis-like.js';
import { send } from './redis-like.js';
import {
  ALL_STATUSES,
  CARRYING_STATUSES,
  FENCE_END,
  OUTCOME_AT,
  OWNER_KEPT,
} from './packed-outcome.js';

/** A Lua script and the digest that Redis knows it by. */
export interface Script {
  readonly lua: string;
  readonly sha: string;
}

/**
 * Puts a script together of parts that work on `key` with `ARGV` and return a reply. Every run makes
 * the functions that stand before its end, so the parts take what they need just before they need
 * it.
 *
 * Given several keys, with as many arguments for each, the script works on one after the other and
 * replies with a list: a command for each would take Redis and the client longer.
 */
export function script(shebang: string, ...parts: readonly string[]): Script {
  const lua = [shebang, BEGINNING, ...parts, END].join('\n');
  return { lua, sha: createHash('sha1').update(lua).digest('hex') };
}

/**
 * Runs a script. Redis forgets scripts when it restarts, fails over or is told to; then
 * the full text is sent. Nothing was executed before a NOSCRIPT, so that is no second execution.
 */
export async function run(
  client: RedisCommandsLike,
  { lua, sha }: Script,
  keys: readonly string[],
  args: readonly RedisArgument[],
): Promise<unknown> {
  try {
    return await send(client, 'evalsha', [sha, keys.length, ...keys, ...args]);
  } catch (error) {
    if (!isUnknownScript(error)) throw error;
    return send(client, 'eval', [lua, keys.length, ...keys, ...args]);
  }
}

/** Whether Redis has not seen a script yet, or forgot it. */
function isUnknownScript(error: unknown): boolean {
  return error instanceof Error && error.message.startsWith('NOSCRIPT');
}

/**
 * What all scripts begin with.
 *
 * In progress, a record is a hash: `v` version, `fp` fingerprint, `own` owner, `pown` the owner
 * before it, `f` fence, `n` attempt, `le` end of the lease in ms ("0": released, "1": withdrawn
 * after a lapse), `ld` duration of the lease in ms, `pol` onLapse of the first owner, `prev` what
 * the owner found, `w` somebody waits, `s:<name>` a step: a
 * letter for its state, then its value.
 *
 * Completed, it is a string, a third of the memory, that packed-outcome.ts writes and reads: the client
 * makes it, with a checksum. Scripts look at its version, fingerprint, owner and fence only.
 *
 * Numbers stay below 2^53, where doubles are exact; `%.0f` keeps Lua from writing them as 1.7e15.
 */
const BEGINNING = /* lua */ `
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)

local function text(number) return string.format('%.0f', number) end

-- Every reply begins with a line: its kind, Redis's time, which the client needs for its deadlines,
-- and words. One string, because each one takes the client longer than all words in it.
local function reply(kind, ...) return table.concat({kind, text(now), ...}, ' ') end

local function work(key, ARGV)
`;

const END = /* lua */ `
end

if #KEYS == 1 then return work(KEYS[1], ARGV) end
local width = #ARGV / #KEYS
local replies = {}
for i, key in ipairs(KEYS) do
  replies[i] = work(key, {unpack(ARGV, (i - 1) * width + 1, i * width)})
end
return replies
`;

/** Tells who waits. It may be that the user must not: then they notice when they look again. */
export const WAKING = /* lua */ `
local function wake(channel, id) redis.pcall('PUBLISH', channel, id) end
`;

/** How a record in progress is read. */
export const IN_PROGRESS = /* lua */ `
local function digits(value, length_max)
  if not value or #value > length_max or not string.find(value, '^%d+$') then return nil end
  local number = tonumber(value)
  return number <= 9007199254740991 and number or nil
end

local function fence_of(value)
  local fence = digits(value, 16)
  return fence and fence < ${String(FENCE_END)} and fence or nil
end

-- Released, withdrawn, or a time: one that lost a digit would look lapsed.
local function lease_of(value)
  if value == '0' or value == '1' then return tonumber(value) end
  return value and #value >= 13 and digits(value, 16) or nil
end

-- A hash that is not exactly as we write it is damaged: a lease that cannot be read has not lapsed.
local function read_in_progress()
  local h = redis.call('HMGET', key, 'v', 'fp', 'own', 'f', 'n', 'le', 'ld', 'pol', 'prev', 'w', 'pown')
  if h[1] ~= '1' then return nil, 'claim of another version' end
  local r = {fp = h[2], own = h[3], fence = fence_of(h[4]), attempt = digits(h[5], 2),
    lease = lease_of(h[6]), duration = digits(h[7], 16), pol = h[8], prev = h[9],
    waited = h[10], pown = h[11]}
  if not (r.fence and r.attempt and r.lease and r.duration)
    or r.pol ~= 'reject' and r.pol ~= 'rerun' and r.pol ~= 'recover'
    or r.prev ~= 'none' and r.prev ~= 'lapsed' and r.prev ~= 'released'
    or not r.fp or #r.fp ~= 22 or not r.own or #r.own ~= 22 or r.pown and #r.pown ~= 22
    or r.attempt == 0 or r.duration == 0 then return nil, 'damaged claim' end
  return r
end
`;

/** How long a lease that is read, and not changed, will last; 0 or less if it is over. */
export const REMAINING = /* lua */ `
local function remaining_of(r)
  local remaining = r.lease - now
  -- After a step back of Redis's clock the next begin cuts the lease; nothing may be written here.
  return remaining > 2 * r.duration and r.duration or remaining
end
`;

/** How the steps of a record are told, behind the line of a reply. */
export const STEPS = /* lua */ `
local function with_steps(line)
  local out = {line}
  local all = redis.call('HGETALL', key)
  for i = 1, #all, 2 do
    if string.sub(all[i], 1, 2) == 's:' then
      out[#out + 1] = string.sub(all[i], 3)
      out[#out + 1] = all[i + 1]
    end
  end
  return out
end
`;

/** Lua counts from 1. */
const place = (column: number): string => String(column + 1);

/** How a completed record is read, as far as a script decides by it. */
export const COMPLETED = /* lua */ `
local function read_completed()
  local packed = redis.call('GET', key)
  if string.sub(packed, 1, 1) ~= '1' then return nil, 'outcome of another version' end
  local carries = string.find(packed, '^[${CARRYING_STATUSES}]', 2) ~= nil
  if not string.find(packed, '^[${ALL_STATUSES}]', 2) or #packed < ${String(OUTCOME_AT.payload)}
    or carries ~= (#packed > ${String(OUTCOME_AT.payload)}) then return nil, 'damaged outcome' end
  return {packed = packed, fence = struct.unpack('>I7', packed, ${place(OUTCOME_AT.fence)}),
    own = string.sub(packed, ${place(OUTCOME_AT.owner)}, ${String(OUTCOME_AT.fingerprint)}),
    fp = string.sub(packed, ${place(OUTCOME_AT.fingerprint)}, ${String(OUTCOME_AT.checksum)})}
end

local function is_of(r, owner, fence)
  return r.fence == fence and r.own == string.sub(owner, 1, ${String(OWNER_KEPT)})
end

-- A column that decided something, for the client to check: it alone can compute the checksum.
local function header_of(r) return string.sub(r.packed, 1, ${String(OUTCOME_AT.payload)}) end

-- With the record as it is: to cut the payload out of it would be to copy it.
local function outcome(kind, r)
  return {reply(kind, text(redis.call('PEXPIRETIME', key))), r.packed}
end

-- What a requester with this fingerprint is told of a completed record.
local function tell_completed(fp)
  local r, why = read_completed()
  if not r then return reply('unreadable', why) end
  if r.fp ~= fp then return {reply('mismatch'), header_of(r)} end
  return outcome('completed', r)
end
`;
