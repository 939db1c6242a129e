import type { CompleteReply, CompleteRequest } from '../../../core/record/store.js';
import { defineScript } from './define-script.js';
import { column } from './packed-claim.js';
import { fingerprintPrefix, packOutcome } from './packed-outcome.js';
import { LOOKING, OWNED, READING, wake } from './record-lua.js';
import type { ScriptReply } from './script-reply.js';

/** A request, and the channel for the message about its end. */
export type ToldCompletion = CompleteRequest & { readonly channel: string };

/**
 * Ends an execution with its outcome.
 *
 * - `ask`: ttlMs, fence, fingerprint, owner, record id, a space, channel
 * - `more`: the completed record
 * - Reply: `1` (it replaced the claim) | `recreated` | `again` expiresAtMs, and the header of the stored
 *   record | `superseded`, with the header of a record with other arguments if there is one | the outcome
 *   that won | `unreadable` reason
 *
 * Atomic, because another request could take over between the proof of ownership and the write. It has
 * the flag `allow-oom`: the effect has happened, and the memory that a refusal saves is not worth a
 * second effect.
 */
export const completeScript = defineScript<ToldCompletion, CompleteReply>({
  flag: 'allow-oom',
  helpers: [
    LOOKING,
    OWNED,
    /* lua */ `
local expiries = {}
local function store(key, ttl, packed)
  expiries[ttl] = expiries[ttl] or text(now + tonumber(ttl))
  call('SET', key, packed, 'PXAT', expiries[ttl])
end
`,
  ],
  lua: /* lua */ `
local ttl, digests = sub(ask, 1, 16), sub(ask, 33, 76)
local found = look(redis.pcall('GET', key))
if not found then
  store(key, ttl, more)
  return 'recreated'
end
if is_claim(found) then
  if not is_claim_of(found, digests) then return 'superseded' end
  store(key, ttl, more)
  ${wake('found', "string.match(ask, '^(%S+) (.*)$', 77)")}
  return 1
end
if not is_outcome(found) then
  ${READING}
  return unreadable(key, found)
end
if is_outcome_of(found, sub(digests, 23), tonumber(sub(ask, 17, 32))) then
  return with_header(words('again', text(call('PEXPIRETIME', key))), found)
end
if fingerprint_of(found) ~= sub(digests, 1, 22) then return with_header('superseded', found) end
return outcome(key, found)
`,
  argumentsOf: (request) => {
    const { fingerprint, owner, fence, ttlMs, recordId, channel } = request;
    const digests = fingerprintPrefix(fingerprint) + owner;
    return [
      `${column(ttlMs)}${column(fence)}${digests}${recordId} ${channel}`,
      packOutcome(request),
    ];
  },
  parse: (reply, { ttlMs }) => {
    if (reply.isUsual || reply.kind === 'recreated') {
      return { kind: 'stored', expiresAtMs: reply.nowMs + ttlMs, recreated: !reply.isUsual };
    }
    return parseUnusual(reply);
  },
});

function parseUnusual(reply: ScriptReply): CompleteReply {
  switch (reply.kind) {
    case 'again': {
      const expiresAtMs = reply.expiry();
      return reply.damagedHeader() ?? { kind: 'stored', expiresAtMs, recreated: false };
    }
    case 'superseded':
      return reply.damagedHeader() ?? { kind: 'superseded', outcome: undefined };
    case 'outcome': {
      const found = reply.completed();
      return found.kind === 'completed' ? { ...found, kind: 'superseded' } : found;
    }
    case 'unreadable':
      return reply.unreadable();
    default:
      throw reply.unexpected();
  }
}
