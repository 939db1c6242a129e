import { beginScript } from '../../src/stores/redis/scripts/begin-script.js';
import { completeScript } from '../../src/stores/redis/scripts/complete-script.js';
import { releaseScript, renewScript } from '../../src/stores/redis/scripts/lease-scripts.js';
import type { ScriptText } from '../../src/stores/redis/scripts/define-script.js';

/**
 * Bugs that the harness has to catch. They exist only here: a client between the store and Redis
 * changes the scripts, or their arguments, on their way.
 */
export const VARIANTS = [
  'blind-complete',
  'blind-release',
  'blind-renewal',
  'lease-as-expiry',
  'expiry-not-pushed',
  'get-then-set',
  'claim-forgotten-on-resend',
  'application-clock',
  'complete-without-allow-oom',
  'wait-ignored',
  'fingerprint-left-out',
  'scope-left-out',
  'steps-by-order',
  'outcome-inserted-last',
  'outcome-outside-transaction',
  'outcome-fingerprint-left-out',
  'commit-assumed',
  'stored-before-commit',
] as const;

export type VariantName = (typeof VARIANTS)[number];

/** A piece of scripts and what stands there instead. */
interface Rewrite {
  readonly scripts: readonly ScriptText[] | 'all';
  readonly snippet: string;
  readonly instead: string;
}

/** The changes of each variant in scripts; those without an entry change something else. */
export const REWRITES: Readonly<Record<VariantName, readonly Rewrite[]>> = {
  'blind-complete': [
    {
      scripts: [completeScript],
      snippet: 'if not found then',
      instead: 'if not found or is_outcome(found) then',
    },
    {
      scripts: [completeScript],
      snippet: "if not is_claim_of(found, digests) then return 'superseded' end",
      instead: '',
    },
  ],
  'blind-release': [
    {
      scripts: [releaseScript],
      snippet: "if not r or r.own ~= owner then return 'lost' end",
      instead: "call('DEL', key) if true then return 1 end",
    },
  ],
  'blind-renewal': [
    {
      scripts: [renewScript],
      snippet: 'r.own ~= sub(ask, 1, 22) or',
      instead: '',
    },
  ],
  'lease-as-expiry': [
    {
      scripts: [beginScript],
      snippet: 't.expiry = text(now + tonumber(sub(all, 33, 48)))',
      instead: 't.expiry = text(t.lease)',
    },
  ],
  'expiry-not-pushed': [
    {
      scripts: [renewScript],
      snippet: "call('PEXPIREAT', key, text(now + tonumber(sub(ask, 39, 54))), 'GT')",
      instead: '',
    },
  ],
  'get-then-set': [
    {
      scripts: [beginScript],
      snippet: 'local found\n',
      instead: "call('DEL', key) local found\n",
    },
  ],
  'claim-forgotten-on-resend': [
    {
      scripts: [beginScript],
      snippet: "if r.own == own and r.state == 'P' then",
      instead: 'if false then',
    },
  ],
  'application-clock': [
    {
      scripts: 'all',
      snippet: "local time = call('TIME')",
      instead:
        'local app = tonumber(table.remove(ARGV)) ' +
        'local time = {math.floor(app / 1000), app % 1000 * 1000}',
    },
  ],
  'complete-without-allow-oom': [
    { scripts: [completeScript], snippet: '#!lua flags=allow-oom', instead: '#!lua' },
  ],
  'wait-ignored': [],
  'fingerprint-left-out': [],
  'scope-left-out': [],
  'steps-by-order': [],
  // These change what an adapter of a database does.
  'outcome-inserted-last': [],
  'outcome-outside-transaction': [],
  'outcome-fingerprint-left-out': [],
  'commit-assumed': [],
  // This changes where a worker's commits stand.
  'stored-before-commit': [],
};
