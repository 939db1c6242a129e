import type { ChangeReply } from '../../../core/record/record-admin.js';
import { ATTEMPTS_MAX } from '../../../core/record/record.js';
import { defineScript } from '../scripts/define-script.js';
import { CLAIM_AT, column } from '../scripts/packed-claim.js';
import { OUTCOME_AT } from '../scripts/packed-outcome.js';
import { LOOKING, READING, STEPS, wake } from '../scripts/record-lua.js';
import type { ScriptReply } from '../scripts/script-reply.js';

const CHANGE_REPLIES: readonly string[] = [
  'done',
  'changed',
  'running',
  'completed',
  'unreadable',
  'absent',
  'exhausted',
] satisfies ChangeReply[];

/** The end of a record. */
export interface Ending {
  readonly recordId: string;
  /** The fence that the record must have. */
  readonly fence: number;
  /** The completed record; unset if the mutation may run again. */
  readonly outcome: { readonly packed: Buffer; readonly ttlMs: number } | undefined;
  readonly channel: string;
}

/**
 * Ends a record whose owner has died or given up.
 *
 * - `ask`: fence, ttlMs (0: it may run again), record id, a space, channel
 * - `more`: the completed record
 * - Reply: a {@link ChangeReply}
 *
 * Atomic, because a request may take the record over while an operator decides. The outcome gets a
 * larger fence and another owner, so an owner that wakes up later finds that it lost and answers with
 * this outcome. It has the flag `allow-oom`, because it frees more memory than it takes.
 */
export const settleScript = defineScript<Ending, ChangeReply>({
  flag: 'allow-oom',
  helpers: [LOOKING, READING, STEPS],
  lua: /* lua */ `
local found = look(redis.pcall('GET', key))
if not found then return 'absent' end
if is_outcome(found) then return 'completed' end
local r = read_claim(found)
if not r or not steps_of(found) then return 'unreadable' end
if r.state == 'P' and r.lease > now then return 'running' end
if r.fence ~= tonumber(sub(ask, 1, 16)) then return 'changed' end
local ttl = tonumber(sub(ask, 17, 32))
if ttl > 0 then
  call('SET', key, more, 'PXAT', text(now + ttl))
elseif r.attempt >= ${String(ATTEMPTS_MAX)} then
  return 'exhausted'
else
  call('SETRANGE', key, '${String(CLAIM_AT.state)}', 'K')
end
${wake('found', "string.match(ask, '^(%S+) (.*)$', 33)")}
return 'done'
`,
  argumentsOf: ({ recordId, fence, outcome, channel }) => [
    `${column(fence)}${column(outcome?.ttlMs ?? 0)}${recordId} ${channel}`,
    outcome?.packed ?? Buffer.alloc(0),
  ],
  parse: parseChange,
});

/** The fence of a record that cannot be read. */
const UNREADABLE = '-'.repeat(16);

/** The record to delete. */
export interface Deletion {
  /** The fence that the record must have; unset if it cannot be read. */
  readonly fence: number | undefined;
  /** True to delete the record even during a live lease. */
  readonly alsoRunning: boolean;
  /** The bytes of a completed record with a wrong checksum. */
  readonly damaged: Buffer;
}

/**
 * Deletes a record: the next request runs as if there had been none.
 *
 * - `ask`: fence (hyphens for a record that cannot be read), `1` to ignore a live lease
 * - `more`: the bytes of a completed record with a wrong checksum
 * - Reply: a {@link ChangeReply}
 *
 * Atomic, because the record could change between a look and the deletion.
 */
export const forgetScript = defineScript<Deletion, ChangeReply>({
  flag: 'allow-oom',
  helpers: [LOOKING, READING, STEPS],
  lua: /* lua */ `
local found = look(redis.pcall('GET', key))
if not found then return 'absent' end
local fence, r = '${UNREADABLE}', nil
if is_outcome(found) then
  if found ~= more then fence = column(struct.unpack('>I7', found, ${String(OUTCOME_AT.fence + 1)})) end
elseif steps_of(found) then
  r = read_claim(found)
  if r then fence = column(r.fence) end
end
if fence ~= sub(ask, 1, 16) then return 'changed' end
if r and r.state == 'P' and r.lease > now and sub(ask, 17) ~= '1' then return 'running' end
call('DEL', key)
return 'done'
`,
  argumentsOf: ({ fence, alsoRunning, damaged }) => [
    (fence === undefined ? UNREADABLE : column(fence)) + (alsoRunning ? '1' : '0'),
    damaged,
  ],
  parse: parseChange,
});

function parseChange(reply: ScriptReply): ChangeReply {
  if (CHANGE_REPLIES.includes(reply.kind)) return reply.kind as ChangeReply;
  throw reply.unexpected();
}
