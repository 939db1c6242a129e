import { createHash } from 'node:crypto';
import type {
  RedisArgument,
  IoRedisLike,
  IoRedisPipelineLike,
} from '../../src/stores/redis/index.js';
import { beginScript } from '../../src/stores/redis/scripts/begin-script.js';
import { completeScript } from '../../src/stores/redis/scripts/complete-script.js';
import { releaseScript, renewScript } from '../../src/stores/redis/scripts/lease-scripts.js';
import {
  OUTCOME_AT,
  packOutcome,
  readOutcome,
} from '../../src/stores/redis/scripts/packed-outcome.js';
import { peekScript } from '../../src/stores/redis/scripts/peek-script.js';
import type { ScriptText } from '../../src/stores/redis/scripts/define-script.js';
import { stepScript } from '../../src/stores/redis/scripts/step-script.js';
import { REWRITES, type VariantName } from './rewrites.js';
import type { WorkerConfig } from './worker/config.js';

const SCRIPTS = [
  beginScript,
  completeScript,
  peekScript,
  releaseScript,
  renewScript,
  stepScript,
] as const satisfies readonly ScriptText[];

/** The client itself, or one with a seeded bug between the store and Redis. */
export function variantClient<Client extends IoRedisLike & object>(
  client: Client,
  { variant, wallClockOffsetMs = 0 }: WorkerConfig,
): Client {
  if (variant === undefined) return client;
  const rewritten = rewrittenScripts(variant);
  const originals = new Map<string, ScriptText>(
    SCRIPTS.flatMap((script: ScriptText) =>
      [script.sha, script.lua].map((text): [string, ScriptText] => [text, script]),
    ),
  );

  function rewrite(command: string, args: RedisArgument[]): [string, RedisArgument[]] {
    if (variant === 'wait-ignored' && command === 'wait') return ['eval', ['return 99', 0]];
    const original = originals.get(String(args[0]));
    if (original === undefined) return [command, args];
    const script = rewritten.get(original) ?? original;
    const { keys, ours } = partsOf(args);
    const width = ours.length / keys.length;
    const fingerprintAt = FINGERPRINT_AT.get(original);
    if (variant === 'fingerprint-left-out' && fingerprintAt !== undefined) {
      for (let at = 0; at < ours.length; at += width) {
        const asked = String(ours[at]);
        const start = fingerprintAt;
        ours[at] = asked.slice(0, start) + NO_FINGERPRINT.slice(0, 22) + asked.slice(start + 22);
        const record = ours[at + 1];
        if (original === completeScript && Buffer.isBuffer(record)) ours[at + 1] = anyones(record);
      }
    }
    if (variant === 'application-clock') ours.push(String(Date.now() + wallClockOffsetMs));
    const text = command === 'evalsha' ? script.sha : script.lua;
    return [command, [text, keys.length, ...keys, ...ours]];
  }

  /** Looks first and claims afterwards, even if another request has claimed the record in between. */
  async function getThenSet(command: string, args: RedisArgument[]): Promise<unknown> {
    if (originals.get(String(args[0])) !== beginScript) return client.callBuffer(command, args);
    if (Number(await client.callBuffer('exists', partsOf(args).keys)) > 0) {
      return client.callBuffer(command, args);
    }
    return client.callBuffer(...rewrite(command, args));
  }

  return variant === 'get-then-set'
    ? rewired(client, { callBuffer: getThenSet, rewrite: (...sent) => sent })
    : rewired(client, {
        callBuffer: (command, args) => client.callBuffer(...rewrite(command, args)),
        rewrite,
      });
}

/** The arguments of EVAL and EVALSHA: the script, the number of keys, the keys, then ours. */
function partsOf([, count, ...rest]: RedisArgument[]): {
  readonly keys: RedisArgument[];
  readonly ours: RedisArgument[];
} {
  return { keys: rest.slice(0, Number(count)), ours: rest.slice(Number(count)) };
}

interface Wires {
  readonly callBuffer: (command: string, args: RedisArgument[]) => Promise<unknown>;
  readonly rewrite: (command: string, args: RedisArgument[]) => [string, RedisArgument[]];
}

/** The same client, which sends something else. So do the connections that it duplicates. */
function rewired<Client extends object>(client: Client, wires: Wires): Client {
  return new Proxy(client, {
    get(target, name) {
      const value: unknown = Reflect.get(target, name, target);
      if (name === 'callBuffer') return wires.callBuffer;
      if (typeof value !== 'function') return value;
      const method = value.bind(target) as (...args: unknown[]) => object;
      if (name === 'pipeline') return () => rewiredPipeline(method() as IoRedisPipelineLike, wires);
      if (name !== 'duplicate') return method;
      return () => {
        const connection = method() as IoRedisLike;
        return rewired(connection, {
          callBuffer: (command, args) => connection.callBuffer(...wires.rewrite(command, args)),
          rewrite: wires.rewrite,
        });
      };
    },
  });
}

function rewiredPipeline(pipeline: IoRedisPipelineLike, wires: Wires): IoRedisPipelineLike {
  return {
    callBuffer: (command, args) => pipeline.callBuffer(...wires.rewrite(command, args)),
    exec: () => pipeline.exec(),
  };
}

const NO_FINGERPRINT = 'x'.repeat(43);

/** The completed record, as if the fingerprint were left out of it too. */
function anyones(record: Buffer): Buffer {
  const outcome = readOutcome(record, 0);
  if (outcome === undefined) throw new Error('The store sends a damaged record.');
  const owner = record.toString('latin1', OUTCOME_AT.owner, OUTCOME_AT.fingerprint);
  return packOutcome({ ...outcome, owner, fingerprint: NO_FINGERPRINT });
}

/** The position of the fingerprint in the arguments of a script. */
const FINGERPRINT_AT: ReadonlyMap<ScriptText, number> = new Map<ScriptText, number>([
  [beginScript, 55],
  [completeScript, 32],
  [peekScript, 0],
]);

/**
 * The scripts that a variant changes, by the scripts that they stand for.
 *
 * @throws Error when there is nothing to change: a control that is the real thing proves nothing
 */
export function rewrittenScripts(variant: VariantName): ReadonlyMap<ScriptText, ScriptText> {
  const rewritten = new Map<ScriptText, ScriptText>();
  for (const { scripts, snippet, instead } of REWRITES[variant]) {
    for (const script of scripts === 'all' ? SCRIPTS : scripts) {
      const { lua } = rewritten.get(script) ?? script;
      if (!lua.includes(snippet)) throw new Error(`${variant}: "${snippet}" is not there.`);
      const text = lua.replace(snippet, () => instead);
      rewritten.set(script, { lua: text, sha: createHash('sha1').update(text).digest('hex') });
    }
  }
  return rewritten;
}
