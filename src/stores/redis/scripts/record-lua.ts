import { CARRYING_STATUSES, EMPTY_STATUSES, OUTCOME_AT, OWNER_KEPT } from './packed-outcome.js';
import { CLAIM_AT } from './packed-claim.js';

/** Lua counts from 1. */
const from = (column: number): string => String(column + 1);

const digits = (count: number): string => '%d'.repeat(count);

/** Fence, end of the lease, its duration, attempt; onLapse of the first owner, previous, awaited. */
const CLAIM_PATTERN = '^1[PKW]%d+[JRC][NLR][01]';

/** Lua code for one column of a claim, or for several adjacent ones. */
const columns = (
  packed: string,
  first: keyof typeof CLAIM_AT,
  next: keyof typeof CLAIM_AT,
): string => `sub(${packed}, ${from(CLAIM_AT[first])}, ${String(CLAIM_AT[next])})`;

/**
 * Recognises records.
 *
 * In progress, a record is a string of text columns, which packed-claim.ts lists: `1`, the state (`P` in
 * progress, `K` released and kept, `W` withdrawn after a lapse), the fence, the end of the lease and
 * its duration in ms, the attempt, onLapse of the first owner, what the owner found, whether
 * a request waits, and the fingerprint, the owner and the owner before it. The steps follow: each has a
 * letter for its state, the lengths of its name and value, the name and the value.
 *
 * Completed, a record is a string that packed-outcome.ts writes and reads: the client creates it, with a
 * checksum. Scripts read only its version, status, fingerprint, owner and fence.
 *
 * A claim that does not have the exact format is damaged: a lease that cannot be read has not lapsed, and
 * one that lost digits would look lapsed.
 */
export const LOOKING = /* lua */ `
-- What was found under the key; nothing that is a record in the place of what is no string.
local function look(found)
  if type(found) ~= 'table' then return found end
  if not string.find(found.err, 'WRONGTYPE', 1, true) then error(found) end
  return ''
end

local function is_outcome(packed)
  if #packed > ${String(OUTCOME_AT.payload)} then return string.find(packed, '^1[${CARRYING_STATUSES}]') ~= nil end
  return #packed == ${String(OUTCOME_AT.payload)} and string.find(packed, '^1[${EMPTY_STATUSES}]') ~= nil
end

local function fingerprint_of(packed)
  return sub(packed, ${from(OUTCOME_AT.fingerprint)}, ${String(OUTCOME_AT.checksum)})
end

-- With the record as it is: to cut the payload out of it would be to copy it.
local function outcome(key, packed) return {call('PEXPIRETIME', key), packed} end

-- Of an outcome a header decided, for the client to check: it alone can compute the checksum.
local function with_header(line, packed) return {line, sub(packed, 1, ${String(OUTCOME_AT.payload)})} end

-- All digits are looked for at once; they end where they must if each column has its own. After a
-- number below 9e15 there are some that are exact in doubles.
local function is_claim(packed)
  local _, last = string.find(packed, '${CLAIM_PATTERN}')
  if last ~= ${String(CLAIM_AT.fingerprint)} or #packed < ${String(CLAIM_AT.steps)} then return false end
  local nine = 57
  local a, b, c, d = string.byte(packed, ${from(CLAIM_AT.leaseEnd)}, ${String(CLAIM_AT.leaseEnd + 4)})
  return string.byte(packed, ${from(CLAIM_AT.fence)}) < nine and a < nine
    and a + b + c + d > 4 * 48 and string.byte(packed, ${from(CLAIM_AT.leaseMs)}) < nine
    and ${columns('packed', 'leaseMs', 'attempt')} ~= '${'0'.repeat(16)}'
    and ${columns('packed', 'attempt', 'policy')} ~= '00'
end
`;

/** Reads a claim, or gives the reason why it is unreadable; expects {@link LOOKING}. */
export const READING = /* lua */ `
local function unreadable(key, packed)
  local kind = call('TYPE', key).ok
  if kind ~= 'string' then return words('unreadable', 'a ' .. kind .. ' instead of a record') end
  if sub(packed, 1, 1) ~= '1' then return 'unreadable record of another version' end
  return string.find(packed, '^1[PKW]') and 'unreadable damaged claim' or 'unreadable damaged outcome'
end

local function read_claim(packed)
  if not is_claim(packed) then return nil end
  return {state = ${columns('packed', 'state', 'fence')},
    fence = tonumber(${columns('packed', 'fence', 'leaseEnd')}),
    lease = tonumber(${columns('packed', 'leaseEnd', 'leaseMs')}),
    duration = tonumber(${columns('packed', 'leaseMs', 'attempt')}),
    attempt = tonumber(${columns('packed', 'attempt', 'policy')}),
    policy = ${columns('packed', 'policy', 'previous')},
    previous = ${columns('packed', 'previous', 'awaited')},
    awaited = ${columns('packed', 'awaited', 'fingerprint')},
    fp = ${columns('packed', 'fingerprint', 'owner')},
    own = ${columns('packed', 'owner', 'displaced')},
    displaced = ${columns('packed', 'displaced', 'steps')}}
end
`;

/** Checks that a claim has a fingerprint and an owner, given as one text; expects {@link LOOKING}. */
export const OWNED = /* lua */ `
local function is_claim_of(packed, digests)
  return ${columns('packed', 'fingerprint', 'displaced')} == digests
end

local function is_outcome_of(packed, owner, fence)
  return struct.unpack('>I7', packed, ${from(OUTCOME_AT.fence)}) == fence and
    sub(packed, ${from(OUTCOME_AT.owner)}, ${String(OUTCOME_AT.fingerprint)}) == sub(owner, 1, ${String(OWNER_KEPT)})
end
`;

/** Overwrites the first columns of a claim; expects {@link LOOKING}. */
export const WRITING = /* lua */ `
local function write_claim(key, r)
  call('SETRANGE', key, '0', '1' .. r.state .. column(r.fence) .. column(r.lease) ..
    column(r.duration) .. string.format('%02d', r.attempt) .. r.policy .. r.previous .. r.awaited ..
    r.fp .. r.own .. r.displaced)
end

-- The columns of a claim, for scripts that have no use for its steps.
local function columns_of(key)
  return look(redis.pcall('GETRANGE', key, '0', '${String(CLAIM_AT.steps)}'))
end
`;

/**
 * Notifies the requests that wait for a claim. If the Redis user may not publish, they notice at the next
 * poll.
 *
 * @param names - Lua code for the record's id and the channel
 */
export function wake(packed: string, names: string): string {
  return /* lua */ `
if ${columns(packed, 'awaited', 'fingerprint')} == '1' then
  local id, channel = ${names}
  redis.pcall('PUBLISH', channel, id)
end
`;
}

/** The remaining time of a lease; 0 or less if it is over. */
export const REMAINING = /* lua */ `
local function remaining_of(r)
  if r.state ~= 'P' then return 0 end
  local remaining = r.lease - now
  -- After a step back of Redis's clock the next begin cuts the lease; nothing may be written here.
  return remaining > 2 * r.duration and r.duration or remaining
end
`;

/** The entries of a claim's steps, or nil if they cannot be read. */
export const STEPS = /* lua */ `
local function steps_of(packed)
  local at = ${from(CLAIM_AT.steps)}
  while at <= #packed do
    local name, value = string.match(packed, '^[SVU](${digits(4)})(${digits(8)})', at)
    if not name then return nil end
    at = at + 13 + tonumber(name) + tonumber(value)
  end
  return at == #packed + 1 and sub(packed, ${from(CLAIM_AT.steps)}) or nil
end
`;
