import type {
  ReleaseReply,
  ReleaseRequest,
  RenewReply,
  RenewRequest,
} from '../../../core/record/store.js';
import { defineScript } from './define-script.js';
import { CLAIM_AT, column } from './packed-claim.js';
import { LOOKING, READING, WRITING, wake } from './record-lua.js';

/**
 * Renews a lease.
 *
 * - `ask`: owner, leaseMs, retentionMs
 * - Reply: `1` | `lost`
 *
 * Atomic, because only the owner may renew, and the owner could change in between. A renewal in flight
 * does not revive a released claim. It has the flag `allow-oom`: a running execution must not lose its
 * lease because Redis is full.
 */
export const renewScript = defineScript<RenewRequest, RenewReply>({
  flag: 'allow-oom',
  helpers: [LOOKING, READING, WRITING],
  lua: /* lua */ `
local r = read_claim(columns_of(key))
if not r or r.own ~= sub(ask, 1, 22) or r.state == 'K' then return 'lost' end
r.state, r.duration = 'P', tonumber(sub(ask, 23, 38))
r.lease = now + r.duration
write_claim(key, r)
-- Never earlier: the record may have been claimed with a longer retention.
call('PEXPIREAT', key, text(now + tonumber(sub(ask, 39, 54))), 'GT')
return 1
`,
  argumentsOf: ({ owner, leaseMs, retentionMs }) => [owner + column(leaseMs) + column(retentionMs)],
  parse: (reply) => {
    if (reply.isUsual) return 'renewed';
    if (reply.kind === 'lost') return 'lost';
    throw reply.unexpected();
  },
});

/** A request, and the channel for the message about the end of the claim. */
export type ToldRelease = ReleaseRequest & { readonly channel: string };

/**
 * Gives up a claim without an outcome.
 *
 * - `ask`: owner, mode, record id, channel, with a space between them
 * - Reply: `1` | `lost`
 *
 * Atomic, because only the owner may delete, and the owner could change in between. It has the flag
 * `allow-oom`, because it frees memory.
 *
 * `withdraw` gives the record back to the displaced owner, so that its late outcome is still accepted. The
 * fence does not go back.
 */
export const releaseScript = defineScript<ToldRelease, ReleaseReply>({
  flag: 'allow-oom',
  helpers: [LOOKING, READING, WRITING],
  lua: /* lua */ `
local owner, mode, id, channel = string.match(ask, '^(%S+) (%S+) (%S+) (.*)$')
local found = columns_of(key)
local r = read_claim(found)
if not r or r.own ~= owner then return 'lost' end
-- The same command sent again.
if r.state ~= 'P' then return 1 end

if mode == 'withdraw' and r.attempt > 1 then
  r.state, r.attempt, r.own = r.previous == 'R' and 'K' or 'W', r.attempt - 1, r.displaced
  write_claim(key, r)
elseif mode == 'keep' or #found > ${String(CLAIM_AT.steps)} then
  r.state = 'K'
  write_claim(key, r)
else
  call('DEL', key)
end
${wake('found', 'id, channel')}
return 1
`,
  argumentsOf: ({ owner, mode, recordId, channel }) => [`${owner} ${mode} ${recordId} ${channel}`],
  parse: (reply) => {
    if (reply.isUsual) return 'released';
    if (reply.kind === 'lost') return 'lost';
    throw reply.unexpected();
  },
});
