import { ATTEMPTS_MAX } from '../../../core/record/record.js';
import type { PeekReply, PeekRequest } from '../../../core/record/store.js';
import { defineScript } from './define-script.js';
import { fingerprintPrefix } from './packed-outcome.js';
import { LOOKING, READING, REMAINING, STEPS } from './record-lua.js';
import { parseFound } from './script-reply.js';

/**
 * Reports the record's state.
 *
 * - `ask`: fingerprint
 * - Reply: `vacant` | `running` attempt remainingMs | `lapsed` attempt | an outcome | `mismatch` |
 *   `unreadable` reason
 *
 * With the flag `no-writes`, it runs where Redis refuses `begin`: without memory or without replicas.
 */
export const peekScript = defineScript<PeekRequest, PeekReply>({
  flag: 'no-writes',
  helpers: [LOOKING, READING, REMAINING, STEPS],
  lua: /* lua */ `
local found = look(redis.pcall('GET', key))
if not found then return 'vacant' end
if is_outcome(found) then
  if fingerprint_of(found) ~= ask then return with_header('mismatch', found) end
  return outcome(key, found)
end
local r = read_claim(found)
if not r or not steps_of(found) then return unreadable(key, found) end
if r.fp ~= ask then return 'mismatch' end
local remaining = remaining_of(r)
if remaining > 0 then return words('running', r.attempt, text(remaining)) end
if r.state == 'K' and r.attempt < ${String(ATTEMPTS_MAX)} then return 'vacant' end
return words('lapsed', r.attempt)
`,
  argumentsOf: ({ fingerprint }) => [fingerprintPrefix(fingerprint)],
  parse: (reply) => (reply.kind === 'vacant' ? { kind: 'vacant' } : parseFound(reply)),
});
