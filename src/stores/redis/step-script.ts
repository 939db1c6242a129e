import type { StepRequest } from '../../core/record/store.js';
import type { RedisArgument } from './redis-like.js';
import { STEP_LETTERS, type ScriptReply } from './replies.js';
import { IN_PROGRESS, script } from './scripts.js';

/**
 * Records a step of a running execution.
 *
 * - KEYS[1]: the record
 * - ARGV: owner, name, state letter, payload, leaseMs, deadline (ms, Redis's clock; for starts)
 * - Reply: `recorded` fence | `lost` | `late`
 *
 * Atomic, because only the owner may record, and the owner could change in between. A claim that was
 * released takes no more steps: the next attempt has been promised what there is. The flag
 * `allow-oom`: the step's effect has happened.
 *
 * A start that comes late is refused: its caller has given up, and the mark would tell of a step
 * that never ran.
 */
export const stepScript = script(
  '#!lua flags=allow-oom',
  IN_PROGRESS,
  /* lua */ `
local owner, name, state, payload = ARGV[1], ARGV[2], ARGV[3], ARGV[4]
local lease, deadline = tonumber(ARGV[5]), tonumber(ARGV[6])
local r = redis.call('TYPE', key).ok == 'hash' and read_in_progress()
if not r or r.own ~= owner or r.lease == 0 then return reply('lost') end
if state == 'S' and now > deadline then return reply('late') end
redis.call('HSET', key, 's:' .. name, state .. payload, 'le', text(now + lease), 'ld', text(lease))
return reply('recorded', text(r.fence))
`,
);

/** The arguments of {@link stepScript}. */
export function stepArguments(request: StepRequest, deadlineMs: number): RedisArgument[] {
  const { owner, name, state, payload, leaseMs } = request;
  return [
    owner,
    name,
    STEP_LETTERS[state],
    Buffer.from(payload.buffer, payload.byteOffset, payload.byteLength),
    String(leaseMs),
    String(Math.floor(deadlineMs)),
  ];
}

/** A step that was recorded by the owner with this fence, or was not. */
export type StepFound =
  { readonly kind: 'recorded'; readonly fence: number } | { readonly kind: 'lost' };

/** Reads the reply of {@link stepScript}; `undefined` if it came too late for a start. */
export function parseStep(reply: ScriptReply): StepFound | undefined {
  switch (reply.kind) {
    case 'recorded':
      return { kind: 'recorded', fence: reply.integer() };
    case 'lost':
      return { kind: 'lost' };
    case 'late':
      return undefined;
    default:
      throw reply.unexpected();
  }
}
