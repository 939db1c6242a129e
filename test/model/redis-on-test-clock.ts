import { createHash } from 'node:crypto';
import type { Redis } from 'ioredis';
import type { Clock } from '../../src/index.js';
import type {
  RedisArgument,
  IoRedisLike,
  IoRedisPipelineLike,
  IoRedisConnectionLike,
} from '../../src/stores/redis/index.js';
import { permissionScript } from '../../src/stores/redis/setup-check/permission-script.js';
import { ONCE, type Delivery } from './subject.js';

/** Far enough ahead that Redis's real clock makes no record expire. */
const EPOCH_MS = Date.UTC(2100, 0, 1);

/**
 * Put in front of a script, behind its shebang. From there on `redis` is this table, so that
 * whatever the script asks for goes through it: time comes from the last argument, and what expires
 * does so at a time that the script has made of that. A command that is not listed fails.
 */
const SHIM = /* lua */ `
local clock_us = tonumber(table.remove(ARGV))
local server = redis
local redis = {acl_check_cmd = server.acl_check_cmd}
local passed_on = {TYPE = 1, GET = 1, DEL = 1, GETRANGE = 1, SETRANGE = 1, APPEND = 1,
  PUBLISH = 1, PEXPIREAT = 1, PEXPIRETIME = 1}
local function request(send, name, ...)
  if name == 'TIME' then
    return {string.format('%.0f', math.floor(clock_us / 1000000)),
      string.format('%.0f', clock_us % 1000000)}
  end
  local options = {...}
  local at_a_time = name == 'SET' and options[#options - 1] == 'PXAT'
  if at_a_time or passed_on[name] then return send(name, ...) end
  error('The test clock does not know what time means to ' .. name)
end
function redis.call(...) return request(server.call, ...) end
function redis.pcall(...) return request(server.pcall, ...) end
`;

/** What Redis does by itself: a key lives on in the millisecond in which it expires. */
const EXPIRE = /* lua */ `
for _, key in ipairs(KEYS) do
  local at = redis.call('PEXPIRETIME', key)
  if at >= 0 and tonumber(ARGV[1]) > at then redis.call('DEL', key) end
end
`;

/** By the digest under which the store knows a script: the digest that Redis knows. */
const digests = new Map<string, string>();

const SHEBANG = /^#!lua[^\n]*\n/;

/**
 * A client of a real Redis whose scripts run on a clock that the test moves.
 *
 * Sleeping for every lease would make a sequence last seconds, and shifting the stored times
 * instead would leave each reply a few milliseconds vague: a model could then not foretell what
 * happens at a boundary. So the scripts are told the time. Nothing else about them is changed: Redis
 * runs them under their own flags, knows them by a digest and forgets them, and keeps the records.
 * A script without a shebang, a command that the shim does not know and a command that is not a
 * script fail loudly, so that no script can come to read the real clock unnoticed.
 */
export class RedisOnTestClock implements IoRedisLike {
  readonly #redis: Redis;
  readonly #keys = new Set<string>();
  #localMs = 0;
  #aheadMs = 0;
  #commands = 0;
  #next: Delivery | undefined;
  #expired: Promise<unknown> = Promise.resolve();

  constructor(redis: Redis) {
    this.#redis = redis;
  }

  /** The clock of the process. */
  readonly clock: Clock = {
    now: () => this.#localMs,
    wallMs: () => EPOCH_MS + this.#localMs,
    schedule: () => {
      throw new Error('The store is not expected to schedule anything.');
    },
  };

  /** What 0 of the model's time is on Redis's clock. */
  readonly epochMs = EPOCH_MS;

  /** Ends the sequence: what it left in Redis goes. */
  async clear(): Promise<void> {
    await Promise.all([this.#expired, this.#redis.del(...this.#keys, 'nothing')]);
  }

  /** Time passes here and on Redis. */
  pass(ms: number): void {
    this.#localMs += ms;
    this.#expire();
  }

  /** Redis's clock is set forward. */
  jump(ms: number): void {
    this.#aheadMs += ms;
    this.#expire();
  }

  /** The next script goes this way. */
  deliverNext(delivery: Delivery): void {
    this.#next = delivery;
  }

  async callBuffer(command: string, args: RedisArgument[]): Promise<unknown> {
    if (command === 'time') {
      const us = this.#serverUs();
      return [Math.floor(us / 1_000_000), us % 1_000_000].map((part) => Buffer.from(String(part)));
    }
    // The store's first question is not the request that is on its way.
    if ([permissionScript.sha, permissionScript.lua].includes(String(args[0]))) {
      return this.#send(command, args);
    }
    const { delayMs, copies } = this.#next ?? ONCE;
    // A copy that Redis knows no script for has not run; the script's text then goes this way.
    if (copies === 2) await this.#send(command, args);
    this.#next = undefined;
    if (delayMs > 0) this.pass(delayMs);
    return this.#send(command, args);
  }

  /** Several at once arrive once and in time: a delivery is about one request. */
  pipeline(): IoRedisPipelineLike {
    const pipeline = this.#redis.pipeline();
    return {
      callBuffer: (command, args) => pipeline.callBuffer(command, this.#onTestClock(command, args)),
      exec: () => pipeline.exec(),
    };
  }

  duplicate(): IoRedisConnectionLike {
    return this.#redis.duplicate();
  }

  async #send(command: string, args: RedisArgument[]): Promise<unknown> {
    const sent = this.#redis.callBuffer(command, this.#onTestClock(command, args));
    return (await Promise.all([sent, this.#expired]))[0];
  }

  /** A script's arguments, with the time that it is told. */
  #onTestClock(command: string, args: RedisArgument[]): RedisArgument[] {
    const [script, ...rest] = args;
    for (const key of rest.slice(1, 1 + Number(rest[0]))) this.#keys.add(String(key));
    return [this.#patched(command, String(script)), ...rest, String(this.#serverUs())];
  }

  /** The script as Redis is to run it, or the digest of that. */
  #patched(command: string, script: string): string {
    // One that was never sent is unknown to Redis too.
    if (command === 'evalsha') return digests.get(script) ?? script;
    if (command !== 'eval') throw new Error(`The store is not expected to send ${command}.`);
    if (!SHEBANG.test(script)) throw new Error('A script begins with a shebang.');
    const patched = script.replace(SHEBANG, (shebang) => shebang + SHIM);
    digests.set(sha1(script), sha1(patched));
    return patched;
  }

  #serverUs(): number {
    // No two commands reach Redis in one microsecond: fences are made of it.
    this.#commands += 1;
    if (this.#commands >= 1_000) throw new Error('A sequence must have less than 1 000 commands.');
    return (EPOCH_MS + this.#localMs + this.#aheadMs) * 1_000 + this.#commands;
  }

  #expire(): void {
    if (this.#keys.size === 0) return;
    const now = String(EPOCH_MS + this.#localMs + this.#aheadMs);
    // Not awaited: it stands before whatever is sent later on the same connection.
    const expired = this.#redis.eval(EXPIRE, this.#keys.size, ...this.#keys, now);
    this.#expired = Promise.all([this.#expired, expired]);
  }
}

function sha1(text: string): string {
  return createHash('sha1').update(text).digest('hex');
}
