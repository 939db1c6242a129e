import { ATTEMPTS_MAX, NO_STEPS } from '../../../core/record/record.js';
import type { BeginReply, BeginRequest, Claimed } from '../../../core/record/store.js';
import { defineScript } from './define-script.js';
import { CLAIM_AT, claimColumns, column, letterOf } from './packed-claim.js';
import { LOOKING, READING, STEPS, WRITING } from './record-lua.js';
import { parseFound, type ScriptReply } from './script-reply.js';
import { readEntries } from './step-entries.js';

/** A request with its deadline, in milliseconds of Redis's clock. */
export interface TimedBegin extends BeginRequest {
  readonly deadlineMs: number;
}

/** The last character of the terms, in Lua, which counts from 1; the columns of the claim follow. */
const TERMS_END = 50;
const ask = (column: number): string => String(TERMS_END + 1 + column - CLAIM_AT.attempt);

/**
 * Claims the record or reports its state.
 *
 * - `ask`: deadline (ms, Redis's clock), leaseMs, retentionMs, waits (1 or 0), onLapse; then the columns of
 *   the claim from its attempt on
 * - Reply: `1` (claimed, as the first) | `claimed` fence attempt previous, and entries of steps |
 *   `running` attempt remainingMs | `lapsed` attempt | an outcome | `mismatch` | `unreadable` reason |
 *   `late`
 *
 * One command claims or finds the record, and values that the requests of a batch share are created once.
 * Atomic, because another request could take over between a look and a takeover. It lacks the flag
 * `allow-oom`: when Redis is full, nothing new starts.
 *
 * `late` is checked directly before the two places that claim, so an existing claim is still recognised
 * by its owner, however late the command is sent again.
 */
export const beginScript = defineScript<TimedBegin, BeginReply | undefined>({
  helpers: [
    LOOKING,
    /* lua */ `
local known = {}
local function terms_of(all)
  local t = {late = now > tonumber(sub(all, 1, 16)), waits = sub(all, 49, 49) == '1',
    duration = tonumber(sub(all, 17, 32)), policy = sub(all, 50, 50)}
  t.lease = now + t.duration
  t.head = '1P' .. column(now_us) .. column(t.lease) .. sub(all, 17, 32)
  t.expiry = text(now + tonumber(sub(all, 33, 48)))
  known[all] = t
  return t
end

local function find(key, terms, fp, own, packed)
  ${READING} ${WRITING} ${STEPS}
  local r, steps = read_claim(packed), steps_of(packed)
  if not r or not steps then return unreadable(key, packed) end
  if r.fp ~= fp then return 'mismatch' end

  local function claimed()
    return {words('claimed', text(r.fence), r.attempt, r.previous), steps}
  end

  -- The same command sent again. A claim that was given up meanwhile is not revived.
  if r.own == own and r.state == 'P' then return claimed() end

  -- Redis's clock went back: without this the lease would last as long as the step was wide.
  if r.state == 'P' and r.lease - now > 2 * r.duration then
    r.lease = now + r.duration
    write_claim(key, r)
  end
  if r.state == 'P' and r.lease > now then
    if terms.waits and r.awaited == '0' then call('SETRANGE', key, '${String(CLAIM_AT.awaited)}', '1') end
    return words('running', r.attempt, text(r.lease - now))
  end

  local released = r.state == 'K'
  local may = released or terms.policy == 'C' or (terms.policy == 'R' and r.policy == 'R')
  if not may or r.attempt >= ${String(ATTEMPTS_MAX)} then return words('lapsed', r.attempt) end
  if terms.late then return 'late' end

  r.state, r.displaced, r.own = 'P', r.own, own
  r.fence, r.attempt = math.max(r.fence + 1, now_us), r.attempt + 1
  r.lease, r.duration, r.previous = terms.lease, terms.duration, released and 'R' or 'L'
  write_claim(key, r)
  call('PEXPIREAT', key, terms.expiry)
  return claimed()
end
`,
  ],
  lua: /* lua */ `
local all = sub(ask, 1, ${String(TERMS_END)})
local terms = known[all] or terms_of(all)
local found
if terms.late then
  found = redis.pcall('GET', key)
  if not found then return 'late' end
else
  found = redis.pcall('SET', key, terms.head .. sub(ask, ${String(TERMS_END + 1)}), 'NX', 'GET', 'PXAT', terms.expiry)
  if not found then return 1 end
end
found = look(found)
local fp = sub(ask, ${ask(CLAIM_AT.fingerprint)}, ${ask(CLAIM_AT.owner - 1)})
if is_outcome(found) then
  if fingerprint_of(found) == fp then return outcome(key, found) end
  return with_header('mismatch', found)
end
return find(key, terms, fp, sub(ask, ${ask(CLAIM_AT.owner)}, ${ask(CLAIM_AT.displaced - 1)}), found)
`,
  argumentsOf: (request) => {
    const { leaseMs, retentionMs, onLapse, waits, deadlineMs } = request;
    const terms = column(Math.floor(deadlineMs)) + column(leaseMs) + column(retentionMs);
    return [terms + (waits ? '1' : '0') + letterOf(onLapse) + claimColumns(request)];
  },
  parse: (reply) => {
    if (reply.isUsual) {
      const { nowUs: fence } = reply;
      return { kind: 'claimed', fence, attempt: 1, previous: 'none', steps: NO_STEPS };
    }
    if (reply.kind === 'late') return undefined;
    return reply.kind === 'claimed' ? parseClaimed(reply) : parseFound(reply);
  },
});

const PREVIOUS: ReadonlyMap<string, Claimed['previous']> = new Map([
  ['N', 'none'],
  ['L', 'lapsed'],
  ['R', 'released'],
]);

function parseClaimed(reply: ScriptReply): Claimed {
  const [fence, attempt] = [reply.integer(), reply.integer()];
  const previous = PREVIOUS.get(reply.word());
  if (previous === undefined) throw reply.unexpected();
  return { kind: 'claimed', fence, attempt, previous, steps: readEntries(reply.bytes()) };
}
