import type { StoredOutcome } from '../../../core/record/record.js';
import type { StepRequest } from '../../../core/record/store.js';
import { defineScript } from '../scripts/define-script.js';
import { CLAIM_AT, column } from '../scripts/packed-claim.js';
import { OUTCOME_AT, packFence } from '../scripts/packed-outcome.js';
import { entryHead } from '../scripts/step-entries.js';

/** Bytes that have been written to a record and must still be there. */
export interface Written {
  /** Bytes that identify the writer: an owner's token or a fence. */
  readonly whose: { readonly at: number; readonly bytes: Buffer | string };
  /** Further bytes that were written; empty for a claim or an outcome. */
  readonly what: { readonly at: number; readonly bytes: Buffer };
}

const NOTHING = { at: 0, bytes: Buffer.alloc(0) };

/** A claim with this fence. */
export function writtenClaim(fence: number): Written {
  return { whose: { at: CLAIM_AT.fence, bytes: column(fence) }, what: NOTHING };
}

/** An outcome with this fence. */
export function writtenOutcome({ fence }: Pick<StoredOutcome, 'fence'>): Written {
  return { whose: { at: OUTCOME_AT.fence, bytes: packFence(fence) }, what: NOTHING };
}

/** A step that was recorded up to the byte before `end`. */
export function writtenStep(request: StepRequest, end: number): Written {
  const bytes = entryHead(request);
  const at = end - request.payload.length - bytes.length;
  return { whose: { at: CLAIM_AT.owner, bytes: request.owner }, what: { at, bytes } };
}

/**
 * Checks that written bytes are in the record, and writes to it once more.
 *
 * - `ask`: the offset of `whose` in 16 digits, then its bytes; `more`: the same for `what`
 * - Reply: `1` | `gone`
 *
 * Sent on the connection that waits for replicas, which may lead to another primary than the one that
 * accepted the write: an acknowledgement from a primary that never had it would prove nothing. The
 * script sets the expiry to its current value, because `WAIT` waits for the writes of its own
 * connection. It has the flag `allow-oom`, because it proves outcomes too.
 */
export const proveScript = defineScript<Written, boolean>({
  flag: 'allow-oom',
  lua: /* lua */ `
for _, part in ipairs({ask, more}) do
  local at, bytes = tonumber(sub(part, 1, 16)), sub(part, 17)
  -- An end before its beginning is no bytes.
  if bytes ~= '' and call('GETRANGE', key, text(at), text(at + #bytes - 1)) ~= bytes then return 'gone' end
end
local expiry = call('PEXPIRETIME', key)
if expiry > 0 then call('PEXPIREAT', key, text(expiry)) end
return 1
`,
  argumentsOf: ({ whose, what }) =>
    [whose, what].map(({ at, bytes }) =>
      Buffer.concat([Buffer.from(column(at)), Buffer.from(bytes)]),
    ),
  parse: (reply) => reply.isUsual,
});
