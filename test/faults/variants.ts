import type { RedisArgument, RedisLike } from '../../src/stores/redis/index.js';
import { beginScript } from '../../src/stores/redis/begin-script.js';
import { completeScript } from '../../src/stores/redis/complete-script.js';
import { releaseScript, renewScript } from '../../src/stores/redis/lease-scripts.js';
import type { Script } from '../../src/stores/redis/scripts.js';
import { createHash } from 'node:crypto';
import type { WorkerConfig } from './worker/config.js';

/**
 * Bugs that the harness has to catch. They exist only here: a client between the store and Redis
 * changes the scripts, or their arguments, on their way.
 */
export type VariantName =
  'blind-complete' | 'blind-release' | 'lease-as-expiry' | 'scope-left-out' | 'steps-by-order';

/** A piece of a script and what stands there instead. */
interface Rewrite {
  readonly script: Script;
  readonly snippet: string;
  readonly instead: string;
}

const REWRITES: Readonly<Record<VariantName, readonly Rewrite[]>> = {
  'blind-complete': [
    {
      script: completeScript,
      snippet: "if kind == 'string' then",
      instead: 'if false then',
    },
    {
      script: completeScript,
      snippet: "elseif kind ~= 'none' then",
      instead: "elseif kind ~= 'none' and kind ~= 'string' then",
    },
    {
      script: completeScript,
      snippet: "if r.own ~= owner or r.fp ~= fp then return reply('superseded') end",
      instead: '',
    },
  ],
  'blind-release': [
    {
      script: releaseScript,
      snippet: "if not r or r.own ~= owner then return reply('lost') end",
      instead: "if not r then redis.call('DEL', key) return reply('released') end",
    },
  ],
  'lease-as-expiry': [
    {
      script: beginScript,
      snippet: "redis.call('PEXPIRE', key, retention)\n  return reply('claimed', text(now_us)",
      instead: "redis.call('PEXPIRE', key, lease)\n  return reply('claimed', text(now_us)",
    },
  ],
  'scope-left-out': [],
  'steps-by-order': [],
};

/** The client as it is, or one that puts the seeded bug between the store and Redis. */
export function variantClient(client: RedisLike, { variant }: WorkerConfig): RedisLike {
  if (variant === undefined) return client;
  const scripts = new Map<string, Script>();
  for (const { script, snippet, instead } of REWRITES[variant]) {
    const before = scripts.get(script.sha) ?? script;
    // A control that is silently the real thing would prove nothing.
    if (!before.lua.includes(snippet)) throw new Error(`${variant}: "${snippet}" is not there.`);
    const lua = before.lua.replace(snippet, () => instead);
    scripts.set(script.sha, { lua, sha: createHash('sha1').update(lua).digest('hex') });
  }
  const byText = new Map([...scripts].map(([sha, rewritten]) => [textOf(sha), rewritten.lua]));

  function rewrite([first, ...rest]: RedisArgument[]): RedisArgument[] {
    const text = String(first);
    return [scripts.get(text)?.sha ?? byText.get(text) ?? text, ...rest];
  }

  return {
    options: { enableAutoPipelining: false },
    callBuffer: (command, args) => client.callBuffer(command, rewrite(args)),
    pipeline: () => client.pipeline(),
    duplicate: () => client.duplicate(),
  };
}

const ALL = [beginScript, completeScript, releaseScript, renewScript];

function textOf(sha: string): string | undefined {
  return ALL.find((script) => script.sha === sha)?.lua;
}
