import type { RedisArgument } from './redis-like.js';
import type { ScriptReply } from './replies.js';
import { script } from './scripts.js';

/**
 * Says which commands the user may not run, on this key and this channel.
 *
 * - KEYS[1]: a record
 * - ARGV: channel; then `replicas` if replicas are waited for
 * - Reply: `denied` command*
 *
 * A script, because in scripts Redis refuses without naming the command.
 *
 * @see https://redis.io/docs/latest/develop/programmability/lua-api/ `redis.acl_check_cmd`
 */
export const permissionScript = script(
  '#!lua flags=no-writes',
  /* lua */ `
local channel = ARGV[1]
local commands = {
  {'EVAL', '', '1', key}, {'EVALSHA', '', '1', key}, {'TIME'}, {'INFO'}, {'TYPE', key},
  {'GET', key}, {'SET', key, ''}, {'DEL', key}, {'HSET', key, '', ''}, {'HMGET', key, ''},
  {'HGETALL', key}, {'HKEYS', key}, {'PEXPIRE', key, '1'}, {'PEXPIRETIME', key},
  {'SUBSCRIBE', channel}, {'PUBLISH', channel, ''},
}
if ARGV[2] == 'replicas' then
  for _, command in ipairs({{'WAIT', '1', '1'}, {'CLIENT', 'ID'}, {'HGET', key, ''}, {'PEXPIREAT', key, '1'}}) do
    commands[#commands + 1] = command
  end
end
local denied = {}
for _, command in ipairs(commands) do
  if not redis.acl_check_cmd(unpack(command)) then
    denied[#denied + 1] = command[1] == 'CLIENT' and 'client|id' or string.lower(command[1])
  end
end
return reply('denied', unpack(denied))
`,
);

/** The arguments of {@link permissionScript}. */
export function permissionArguments(channel: string, waitsForReplicas: boolean): RedisArgument[] {
  return waitsForReplicas ? [channel, 'replicas'] : [channel];
}

/** What a server can do without: duplicates notice later that a record has ended, or less is checked at start. */
const DISPENSABLE: ReadonlySet<string> = new Set(['info', 'subscribe', 'publish']);

/** The rights that a claim may need before it ends. Without one of them its outcome could not be kept. */
export function neededByClaims(denied: readonly string[]): readonly string[] {
  return denied.filter((command) => !DISPENSABLE.has(command));
}

/** What to change, in a sentence. */
export function permissionProblem(
  denied: readonly string[],
  prefix: string,
  channel: string,
): string {
  const rules = denied.map((command) => `+${command}`).join(' ');
  return `The Redis user lacks permissions on the keys ${prefix}* or the channel ${channel}: ${rules}`;
}

/** Reads the reply of {@link permissionScript}: names of commands, as `ACL SETUSER` wants them. */
export function parsePermissions(reply: ScriptReply): readonly string[] {
  if (reply.kind !== 'denied') throw reply.unexpected();
  const denied: string[] = [];
  while (reply.hasWords) denied.push(reply.word());
  return denied;
}
