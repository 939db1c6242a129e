import { beginScript } from '../../src/stores/redis/begin-script.js';
import { completeScript } from '../../src/stores/redis/complete-script.js';
import { releaseScript, renewScript } from '../../src/stores/redis/lease-scripts.js';
import type { Script } from '../../src/stores/redis/scripts.js';

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
] as const;

export type VariantName = (typeof VARIANTS)[number];

/** A piece of scripts and what stands there instead. */
interface Rewrite {
  readonly scripts: readonly Script[] | 'all';
  readonly snippet: string;
  readonly instead: string;
}

/** What each variant changes in scripts; those without an entry change something else. */
export const REWRITES: Readonly<Record<VariantName, readonly Rewrite[]>> = {
  'blind-complete': [
    {
      scripts: [completeScript],
      snippet: "if kind == 'none' then return store() end",
      instead: "if kind == 'none' or kind == 'string' then return store() end",
    },
    {
      scripts: [completeScript],
      snippet: "if r.own ~= owner or r.fp ~= fp then return reply('superseded') end",
      instead: '',
    },
  ],
  'blind-release': [
    {
      scripts: [releaseScript],
      snippet: "if not r or r.own ~= owner then return reply('lost') end",
      instead: "redis.call('DEL', key) if true then return reply('released') end",
    },
  ],
  'blind-renewal': [
    {
      scripts: [renewScript],
      snippet: 'r.own ~= owner or',
      instead: '',
    },
  ],
  'lease-as-expiry': [
    {
      scripts: [beginScript],
      snippet: "redis.call('PEXPIRE', key, retention)\n  return reply('claimed'",
      instead: "redis.call('PEXPIRE', key, lease)\n  return reply('claimed'",
    },
  ],
  'expiry-not-pushed': [
    {
      scripts: [renewScript],
      snippet: "redis.call('PEXPIRE', key, retention, 'GT')",
      instead: '',
    },
  ],
  'get-then-set': [
    {
      scripts: [beginScript],
      snippet: "local kind = redis.call('TYPE', key).ok",
      instead: "redis.call('DEL', key) local kind = 'none'",
    },
  ],
  'claim-forgotten-on-resend': [
    {
      scripts: [beginScript],
      snippet: 'if r.own == owner and r.lease > 1 then',
      instead: 'if false then',
    },
  ],
  'application-clock': [
    {
      scripts: 'all',
      snippet: "local time = redis.call('TIME')",
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
};
