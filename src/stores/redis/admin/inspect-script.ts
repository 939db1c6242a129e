import type { InspectedAttempt, Inspection } from '../../../core/record/record-admin.js';
import { defineScript } from '../scripts/define-script.js';
import { policyOf } from '../scripts/packed-claim.js';
import { LOOKING, READING, REMAINING, STEPS } from '../scripts/record-lua.js';
import type { ScriptReply } from '../scripts/script-reply.js';
import { readEntries } from '../scripts/step-entries.js';

/** The script's reply about a record. */
export type FoundRecord =
  | Exclude<Inspection, InspectedAttempt>
  | (InspectedAttempt & {
      /** The stored part of the digest of the arguments. */
      readonly fingerprint: string;
    });

/**
 * Reports everything in a record, whatever its arguments.
 *
 * - Reply: `absent` | `open` state attempt fence remainingMs leaseMs onLapse awaited expiresAtMs
 *   fingerprint, and entries of steps | an outcome | `unreadable` reason
 *
 * It handles a lease as `peek` does, and changes nothing.
 */
export const inspectScript = defineScript<undefined, FoundRecord>({
  flag: 'no-writes',
  helpers: [LOOKING, READING, REMAINING, STEPS],
  lua: /* lua */ `
local found = look(redis.pcall('GET', key))
if not found then return 'absent' end
if is_outcome(found) then return outcome(key, found) end
local r = read_claim(found)
local steps = r and steps_of(found)
if not steps then return unreadable(key, found) end
-- Withdrawn after a lapse: when that was is not known.
local remaining = r.state == 'P' and remaining_of(r) or 0
local state = r.state == 'K' and 'released' or remaining > 0 and 'running' or 'lapsed'
return {words('open', state, r.attempt, text(r.fence), text(remaining), text(r.duration), r.policy,
  r.awaited, text(call('PEXPIRETIME', key)), r.fp), steps}
`,
  argumentsOf: () => [],
  parse: (reply) => {
    switch (reply.kind) {
      case 'absent':
        return { state: 'absent' };
      case 'unreadable':
        return { state: 'unreadable', reason: reply.unreadable().reason };
      case 'outcome':
        return parseCompleted(reply);
      case 'open':
        return parseOpen(reply);
      default:
        throw reply.unexpected();
    }
  },
});

function parseCompleted(reply: ScriptReply): FoundRecord {
  const { nowMs } = reply;
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
  const onLapse = policyOf(reply.word());
  if (onLapse === undefined) throw reply.unexpected();
  const awaited = reply.word() === '1';
  const expiresAtMs = reply.expiry();
  const fingerprint = reply.word();
  return {
    state,
    nowMs: reply.nowMs,
    attempt,
    fence,
    fingerprint,
    leaseRemainingMs: remainingMs === 0 ? undefined : remainingMs,
    leaseMs,
    onLapse,
    awaited,
    expiresAtMs,
    steps: readEntries(reply.bytes()),
  };
}
