import type { InspectedAttempt, Inspection } from '../../core/record/record-admin.js';
import type { LapsePolicy } from '../../core/record/record.js';
import type { ScriptReply } from './replies.js';
import { COMPLETED, IN_PROGRESS, REMAINING, script, STEPS } from './scripts.js';

/** What the script tells of a record. */
export type FoundRecord =
  | Exclude<Inspection, InspectedAttempt>
  | (InspectedAttempt & {
      /** What the record holds of the digest of its arguments. */
      readonly fingerprint: string;
    });

/**
 * Reports everything in a record, whoever's arguments it belongs to.
 *
 * - KEYS[1]: the record
 * - Reply: `absent` | `open` state attempt fence remainingMs leaseMs onLapse awaited expiresAtMs
 *   fingerprint, then (step name, step)* | `completed` expiresAtMs, then the record | `unreadable` reason
 *
 * Atomic, because a record that ends between two commands would look damaged. It judges a lease as
 * `peek` does, and changes nothing.
 */
export const inspectScript = script(
  '#!lua flags=no-writes',
  COMPLETED,
  IN_PROGRESS,
  REMAINING,
  STEPS,
  /* lua */ `
local kind = redis.call('TYPE', key).ok
if kind == 'none' then return reply('absent') end
if kind == 'string' then
  local r, why = read_completed()
  if not r then return reply('unreadable', why) end
  return outcome('completed', r)
end
if kind ~= 'hash' then return reply('unreadable', 'a ' .. kind .. ' instead of a record') end
local r, why = read_in_progress()
if not r then return reply('unreadable', why) end
local state, remaining = 'released', 0
if r.lease ~= 0 then
  remaining = remaining_of(r)
  state = remaining > 0 and 'running' or 'lapsed'
  -- Withdrawn after a lapse: when that was is not known.
  if r.lease == 1 then remaining = 0 end
end
return with_steps(reply('open', state, text(r.attempt), text(r.fence), text(remaining),
  text(r.duration), r.pol, r.waited and '1' or '0', text(redis.call('PEXPIRETIME', key)), r.fp))
`,
);

/** Reads the reply of {@link inspectScript}. */
export function parseInspection(reply: ScriptReply): FoundRecord {
  switch (reply.kind) {
    case 'absent':
      return { state: 'absent' };
    case 'unreadable':
      return { state: 'unreadable', reason: reply.unreadable().reason };
    case 'completed':
      return parseCompleted(reply);
    case 'open':
      return parseOpen(reply);
    default:
      throw reply.unexpected();
  }
}

function parseCompleted(reply: ScriptReply): FoundRecord {
  const { serverNowMs: nowMs } = reply;
  const found = reply.completed();
  if (found.kind === 'completed') return { state: 'completed', nowMs, ...found.outcome };
  return { state: 'unreadable', reason: found.reason };
}

function parseOpen(reply: ScriptReply): FoundRecord {
  const state = reply.word();
  if (state !== 'running' && state !== 'lapsed' && state !== 'released') throw reply.unexpected();
  const attempt = reply.integer();
  const fence = reply.integer();
  const remainingMs = reply.integer();
  const leaseMs = reply.integer();
  const onLapse = reply.word() as LapsePolicy;
  const awaited = reply.word() === '1';
  const expiresAtMs = reply.expiry();
  const fingerprint = reply.word();
  return {
    state,
    nowMs: reply.serverNowMs,
    attempt,
    fence,
    fingerprint,
    leaseRemainingMs: state === 'released' || remainingMs === 0 ? undefined : remainingMs,
    leaseMs,
    onLapse,
    awaited,
    expiresAtMs,
    steps: reply.steps(),
  };
}
