import type { StepRequest } from '../../../core/record/store.js';
import { defineScript } from './define-script.js';
import { column } from './packed-claim.js';
import { LOOKING, READING, WRITING } from './record-lua.js';
import { packEntry } from './step-entries.js';

/** A request with the deadline of a start, in milliseconds of Redis's clock. */
export interface TimedStep extends StepRequest {
  readonly deadlineMs: number;
}

/** The end of a recorded step in the record, or that the claim no longer belongs to the owner. */
export type StepFound =
  { readonly kind: 'recorded'; readonly end: number } | { readonly kind: 'lost' };

/**
 * Records a step of a running execution.
 *
 * - `ask`: owner, leaseMs, deadline (ms, Redis's clock; for starts)
 * - `more`: the step's entry
 * - Reply: `recorded` length | `lost` | `late`
 *
 * Atomic, because only the owner may record, and the owner could change in between. A released claim
 * takes no more steps: the next attempt has already received them. It has the flag `allow-oom`: the
 * step's effect has happened.
 *
 * A late start is refused: its caller has given up, and the mark would stand for a step that never ran.
 */
export const stepScript = defineScript<TimedStep, StepFound | undefined>({
  flag: 'allow-oom',
  helpers: [LOOKING, READING, WRITING],
  lua: /* lua */ `
local r = read_claim(columns_of(key))
if not r or r.own ~= sub(ask, 1, 22) or r.state == 'K' then return 'lost' end
if sub(more, 1, 1) == 'S' and now > tonumber(sub(ask, 39, 54)) then return 'late' end
r.state, r.duration = 'P', tonumber(sub(ask, 23, 38))
r.lease = now + r.duration
write_claim(key, r)
return words('recorded', call('APPEND', key, more))
`,
  argumentsOf: (request) => {
    const { owner, leaseMs, deadlineMs } = request;
    return [owner + column(leaseMs) + column(Math.floor(deadlineMs)), packEntry(request)];
  },
  parse: (reply) => {
    switch (reply.kind) {
      case 'recorded':
        return { kind: 'recorded', end: reply.integer() };
      case 'lost':
        return { kind: 'lost' };
      case 'late':
        return undefined;
      default:
        throw reply.unexpected();
    }
  },
});
