import { ATTEMPTS_MAX, NO_STEPS } from '../../core/record/record.js';
import type { BeginReply, BeginRequest, Claimed } from '../../core/record/store.js';
import type { RedisArgument } from './redis-like.js';
import { parseFound, type ScriptReply } from './replies.js';
import { kept } from './packed-outcome.js';
import { COMPLETED, IN_PROGRESS, script, STEPS } from './scripts.js';

/**
 * Claims the record or reports what is in it.
 *
 * - KEYS[1]: the record
 * - ARGV[1], in words: fingerprint, owner, leaseMs, retentionMs, onLapse, waits (1 or 0), deadline
 *   (ms, Redis's clock)
 * - Reply: `claimed` fence attempt previous, then (step name, step)* | `running` attempt remainingMs
 *   | `lapsed` attempt | `completed` outcome | `mismatch` | `unreadable` reason | `late`
 *
 * Atomic, because between a look and a claim another request could claim. Without the flag
 * `allow-oom`: when Redis is full, nothing new starts.
 *
 * `late` stands directly before the two places that claim: a claim that already happened is still
 * recognised by its owner, however late the command is sent again.
 */
export const beginScript = script(
  '#!lua',
  /* lua */ `
local fp, owner, lease, retention, policy, waits, deadline =
  string.match(ARGV[1], '^(%S+) (%S+) (%S+) (%S+) (%S+) (%S+) (%S+)$')
lease, deadline = tonumber(lease), tonumber(deadline)
local now_us = time[1] * 1000000 + time[2]

local kind = redis.call('TYPE', key).ok
if kind == 'none' then
  if now > deadline then return reply('late') end
  redis.call('HSET', key, 'v', '1', 'fp', fp, 'own', owner, 'f', text(now_us), 'n', '1',
    'le', text(now + lease), 'ld', text(lease), 'pol', policy, 'prev', 'none')
  redis.call('PEXPIRE', key, retention)
  return reply('claimed', text(now_us), '1', 'none')
end
`,
  COMPLETED,
  /* lua */ `
if kind == 'string' then return tell_completed(fp) end
if kind ~= 'hash' then return reply('unreadable', 'a ' .. kind .. ' instead of a record') end
`,
  IN_PROGRESS,
  STEPS,
  /* lua */ `
local r, why = read_in_progress()
if not r then return reply('unreadable', why) end
if r.fp ~= fp then return reply('mismatch') end

local function claimed(fence, attempt, previous)
  return with_steps(reply('claimed', text(fence), text(attempt), previous))
end

-- The same command sent again. A claim that was given up meanwhile is not revived.
if r.own == owner and r.lease > 1 then return claimed(r.fence, r.attempt, r.prev) end

-- Redis's clock went back: without this the lease would last as long as the step was wide.
if r.lease - now > 2 * r.duration then
  r.lease = now + r.duration
  redis.call('HSET', key, 'le', text(r.lease))
end

if r.lease > now then
  if waits == '1' then redis.call('HSET', key, 'w', '1') end
  return reply('running', text(r.attempt), text(r.lease - now))
end

local released = r.lease == 0
local may = released or policy == 'recover' or (policy == 'rerun' and r.pol == 'rerun')
if not may or r.attempt >= ${String(ATTEMPTS_MAX)} then return reply('lapsed', text(r.attempt)) end
if now > deadline then return reply('late') end

local fence = math.max(r.fence + 1, now_us)
local previous = released and 'released' or 'lapsed'
redis.call('HSET', key, 'own', owner, 'pown', r.own, 'f', text(fence), 'n', text(r.attempt + 1),
  'le', text(now + lease), 'ld', text(lease), 'prev', previous)
redis.call('PEXPIRE', key, retention)
return claimed(fence, r.attempt + 1, previous)
`,
);

/** The arguments of {@link beginScript}. */
export function beginArguments(request: BeginRequest, deadlineMs: number): RedisArgument[] {
  const { fingerprint, owner, leaseMs, retentionMs, onLapse, waits } = request;
  const deadline = Math.floor(deadlineMs);
  return [
    `${kept(fingerprint)} ${owner} ${leaseMs} ${retentionMs} ${onLapse} ${waits ? 1 : 0} ${deadline}`,
  ];
}

/** Reads the reply of {@link beginScript}; `undefined` if it came too late to claim. */
export function parseBegin(reply: ScriptReply): BeginReply | undefined {
  switch (reply.kind) {
    case 'claimed':
      return parseClaimed(reply);
    case 'late':
      return undefined;
    default:
      return parseFound(reply);
  }
}

function parseClaimed(reply: ScriptReply): Claimed {
  const fence = reply.integer();
  const attempt = reply.integer();
  const previous = reply.word();
  if (previous !== 'none' && previous !== 'lapsed' && previous !== 'released') {
    throw reply.unexpected();
  }
  const steps = reply.hasFields ? reply.steps() : NO_STEPS;
  return { kind: 'claimed', fence, attempt, previous, steps };
}
