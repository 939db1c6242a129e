import { createHash } from 'node:crypto';
import type { CommandSender, RedisArgument } from '../clients/redis-driver.js';
import { ScriptReply } from './script-reply.js';

/** The text of a script, and its use of keys. */
export interface ScriptText {
  readonly lua: string;
  /** The digest that Redis knows it by. */
  readonly sha: string;
}

/** A Lua script, what it is asked, and what it answers. */
export interface Script<Request, Reply> extends ScriptText {
  /** The arguments of a request: the same number for every request of a script. */
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
   * `no-writes`: it is let through where writes are refused. `allow-oom`: when Redis is full too,
   * because what it tells of has happened.
   */
  readonly flag?: 'no-writes' | 'allow-oom';
  /** Made once for each command, before the first key. */
  readonly helpers?: readonly string[];
  /** Works on `key` with its arguments `ask` and `more`, and returns a reply. */
  readonly lua: string;
}

/**
 * Makes a script of a definition.
 *
 * Given several keys, with as many arguments for each, it works on one after the other: a command for
 * each would take Redis and the client longer. It replies with Redis's time in microseconds, of which
 * clients make deadlines, and a reply for each key: `1` for what usually becomes of it, and
 * otherwise a line of words, alone or in front of bytes.
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
 * Runs a script. Redis forgets scripts when it restarts, fails over or is told to; then
 * the full text is sent. Nothing was executed before a NOSCRIPT, so that is no second execution.
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

/** Asks a script about one key. */
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

/** Whether Redis has not seen a script yet, or forgot it. */
function isUnknownScript(error: unknown): boolean {
  return error instanceof Error && error.message.startsWith('NOSCRIPT');
}

/**
 * Numbers stay below 2^53, where doubles are exact; `%.0f` keeps Lua from writing them as 1.7e15. Times
 * are given to Redis as text, and as times of the clock: a number, and a span, cost it a microsecond.
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
