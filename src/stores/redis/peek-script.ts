import { ATTEMPTS_MAX } from '../../core/record/record.js';
import type { PeekReply } from '../../core/record/store.js';
import { parseFound, type ScriptReply } from './replies.js';
import { COMPLETED, IN_PROGRESS, REMAINING, script } from './scripts.js';

/**
 * Reports what is in the record.
 *
 * - KEYS[1]: the record
 * - ARGV: fingerprint
 * - Reply: `vacant` | `running` attempt remainingMs | `lapsed` attempt | `completed` outcome |
 *   `mismatch` | `unreadable` reason
 *
 * Atomic, because a record that changes its type between two commands would look damaged. The flag
 * `no-writes` lets it pass where `begin` is refused: without memory, without replicas.
 */
export const peekScript = script(
  '#!lua flags=no-writes',
  COMPLETED,
  IN_PROGRESS,
  REMAINING,
  /* lua */ `
local fp = ARGV[1]
local kind = redis.call('TYPE', key).ok
if kind == 'none' then return reply('vacant') end
if kind == 'string' then return tell_completed(fp) end

if kind ~= 'hash' then return reply('unreadable', 'a ' .. kind .. ' instead of a record') end
local r, why = read_in_progress()
if not r then return reply('unreadable', why) end
if r.fp ~= fp then return reply('mismatch') end
if r.lease > now then return reply('running', text(r.attempt), text(remaining_of(r))) end
if r.lease == 0 and r.attempt < ${String(ATTEMPTS_MAX)} then return reply('vacant') end
return reply('lapsed', text(r.attempt))
`,
);

/** Reads the reply of {@link peekScript}. */
export function parsePeek(reply: ScriptReply): PeekReply {
  return reply.kind === 'vacant' ? { kind: 'vacant' } : parseFound(reply);
}
