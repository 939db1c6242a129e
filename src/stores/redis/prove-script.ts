import type { StepState } from '../../core/record/record.js';
import type { RedisArgument } from './redis-like.js';
import { STEP_LETTERS } from './replies.js';
import { COMPLETED, IN_PROGRESS, script } from './scripts.js';

/** What has been written to a record and must still be there. */
export type Written =
  | { readonly kind: 'claim' | 'outcome'; readonly fence: number }
  | {
      readonly kind: 'step';
      readonly fence: number;
      readonly name: string;
      readonly state: StepState;
    };

/**
 * Says whether what was written is in the record, and writes to it once more.
 *
 * - KEYS[1]: the record
 * - ARGV: `claim`, `outcome` or `step`; fence; of a step also name and state letter
 * - Reply: `proved` | `gone`
 *
 * Sent on the connection that waits for replicas, which may lead to another primary than the one
 * that took the write: an acknowledgement of a primary that never had it would prove nothing. The
 * expiry is set to what it is, because `WAIT` waits for the writes of its own connection. The flag
 * `allow-oom`: outcomes are proved as well.
 */
export const proveScript = script(
  '#!lua flags=allow-oom',
  COMPLETED,
  IN_PROGRESS,
  /* lua */ `
local form, fence, name, state = ARGV[1], tonumber(ARGV[2]), ARGV[3], ARGV[4]

local kind = redis.call('TYPE', key).ok
local r
if form == 'outcome' then
  r = kind == 'string' and read_completed()
else
  r = kind == 'hash' and read_in_progress()
end
if not r or r.fence ~= fence then return reply('gone') end
if form == 'step' and string.sub(redis.call('HGET', key, 's:' .. name) or '', 1, 1) ~= state then
  return reply('gone')
end

local expiry = redis.call('PEXPIRETIME', key)
if expiry > 0 then redis.call('PEXPIREAT', key, expiry) end
return reply('proved')
`,
);

/** The arguments of {@link proveScript}. */
export function proveArguments(written: Written): RedisArgument[] {
  const args = [written.kind, String(written.fence)];
  if (written.kind === 'step') args.push(written.name, STEP_LETTERS[written.state]);
  return args;
}
