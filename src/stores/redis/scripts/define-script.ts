import { createHash } from 'node:crypto';
import type { CommandSender, RedisArgument } from '../clients/redis-driver.js';
import { ScriptReply } from './script-reply.js';

/** The text of a script, and its use of keys. */
export interface ScriptText {
  readonly lua: string;
  /** The digest by which Redis knows it. */
  readonly sha: string;
}

/** A Lua script with its arguments and replies. */
export interface Script<Request, Reply> extends ScriptText {
  /** The arguments of a request; all requests of a script have the same number. */
  readonly argumentsOf: (request: Request) => RedisArgument[];
  /** Parses a reply. */
  readonly parse: (reply: ScriptReply, request: Request) => Reply;
}

/** The definition of a {@link Script}. */
export interface ScriptDefinition<Request, Reply> extends Pick<
  Script<Request, Reply>,
  'argumentsOf' | 'parse'
> {
  /**
   * `no-writes`: Redis runs it even where writes are refused. `allow-oom`: Redis runs it even when it is
   * full, because the effect that it records has happened.
   */
  readonly flag?: 'no-writes' | 'allow-oom';
  /** Lua code that runs once for each command, before the first key. */
  readonly helpers?: readonly string[];
  /** Works on `key` with its arguments `ask` and `more`, and returns a reply. */
  readonly lua: string;
}

/**
 * Creates a script from a definition.
 *
 * It handles several keys, each with the same number of arguments, one after the other: separate commands
 * would take Redis and the client longer. It replies with Redis's time in microseconds, from which
 * clients compute deadlines, and a reply for each key: `1` for the usual result, and otherwise a line of
 * words, alone or followed by bytes.
 */
export function defineScript<Request, Reply>({
  flag,
  helpers = [],
  lua: work,
  argumentsOf,
  parse,
}: ScriptDefinition<Request, Reply>): Script<Request, Reply> {
  const shebang = flag === undefined ? '#!lua' : `#!lua flags=${flag}`;
  const lua = [
    shebang,
    BEGINNING,
    ...helpers,
    'local function work(key, ask, more)',
    work,
    END,
  ].join('\n');
  return { lua, sha: createHash('sha1').update(lua).digest('hex'), argumentsOf, parse };
}

/**
 * Runs a script. Redis loses scripts in a restart, a failover or a flush; then the full text is sent.
 * Redis executes nothing before a NOSCRIPT, so this is not a second execution.
 */
export async function evaluate(
  client: CommandSender,
  { lua, sha }: ScriptText,
  keys: readonly string[],
  args: readonly RedisArgument[],
): Promise<unknown> {
  try {
    return await client.send('evalsha', [sha, keys.length, ...keys, ...args], keys[0]);
  } catch (error) {
    if (!isUnknownScript(error)) throw error;
    return client.send('eval', [lua, keys.length, ...keys, ...args], keys[0]);
  }
}

/** Runs a script on one key. */
export async function ask<Request, Reply>(
  client: CommandSender,
  script: Script<Request, Reply>,
  key: string,
  request: Request,
): Promise<Reply> {
  const replies = await evaluate(client, script, [key], script.argumentsOf(request));
  const [reply] = ScriptReply.each(replies);
  if (reply === undefined) throw new Error('Redis gave no reply.');
  return script.parse(reply, request);
}

/** True if Redis does not know the script. */
function isUnknownScript(error: unknown): boolean {
  return error instanceof Error && error.message.startsWith('NOSCRIPT');
}

/**
 * Numbers stay below 2^53, where doubles are exact; `%.0f` keeps Lua from writing them as 1.7e15. Redis
 * gets times as text and as points in time: a number or a duration takes it a microsecond longer.
 */
const BEGINNING = /* lua */ `
local call, sub = redis.call, string.sub
local time = call('TIME')
local now_us = time[1] * 1000000 + time[2]
local now = math.floor(now_us / 1000)

local function text(number) return string.format('%.0f', number) end
local function column(number) return string.format('%016.0f', number) end
local function words(...) return table.concat({...}, ' ') end
`;

const END = /* lua */ `
end

local replies, width = {now_us}, #ARGV / #KEYS
for i = 1, #KEYS do
  replies[i + 1] = work(KEYS[i], ARGV[(i - 1) * width + 1], ARGV[i * width])
end
return replies
`;
