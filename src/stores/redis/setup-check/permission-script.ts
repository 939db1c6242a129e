import { defineScript } from '../scripts/define-script.js';

/** The permissions that a store's user needs. */
export interface Rights {
  readonly channel: string;
  readonly waitsForReplicas: boolean;
}

/**
 * Lists the commands that the user may not run, on this key and this channel.
 *
 * - `ask`: `1` if the store waits for replicas, otherwise `0`; then the channel
 * - Reply: `denied` command*
 *
 * A script is needed, because Redis does not name a command that it refuses within a script.
 *
 * @see https://redis.io/docs/latest/develop/programmability/lua-api/ `redis.acl_check_cmd`
 */
export const permissionScript = defineScript<Rights, readonly string[]>({
  flag: 'no-writes',
  lua: /* lua */ `
local channel = sub(ask, 2)
local commands = {
  {'EVAL', '', '1', key}, {'EVALSHA', '', '1', key}, {'TIME'}, {'INFO'}, {'TYPE', key},
  {'GET', key}, {'SET', key, ''}, {'DEL', key}, {'GETRANGE', key, '0', '0'},
  {'SETRANGE', key, '0', ''}, {'APPEND', key, ''}, {'PEXPIREAT', key, '1'}, {'PEXPIRETIME', key},
  {'SUBSCRIBE', channel}, {'PUBLISH', channel, ''},
}
if sub(ask, 1, 1) == '1' then
  for _, command in ipairs({{'WAIT', '1', '1'}, {'CLIENT', 'ID'}}) do
    commands[#commands + 1] = command
  end
end
local denied = {'denied'}
for _, command in ipairs(commands) do
  if not redis.acl_check_cmd(unpack(command)) then
    denied[#denied + 1] = command[1] == 'CLIENT' and 'client|id' or string.lower(command[1])
  end
end
return words(unpack(denied))
`,
  argumentsOf: ({ channel, waitsForReplicas }) => [(waitsForReplicas ? '1' : '0') + channel],
  parse: (reply) => {
    if (reply.kind !== 'denied') throw reply.unexpected();
    const denied: string[] = [];
    while (reply.hasWords) denied.push(reply.word());
    return denied;
  },
});

/**
 * The permissions that a server can do without. Duplicates then notice later that a record has ended, or
 * the start checks less.
 */
const DISPENSABLE: ReadonlySet<string> = new Set(['info', 'subscribe', 'publish']);

/** The missing permissions that a claim may need before it ends; its outcome could not be kept. */
export function neededByClaims(denied: readonly string[]): readonly string[] {
  return denied.filter((command) => !DISPENSABLE.has(command));
}

/** The change to make, in a sentence. */
export function permissionProblem(
  denied: readonly string[],
  prefix: string,
  channel: string,
): string {
  const rules = denied.map((command) => `+${command}`).join(' ');
  return `The Redis user lacks permissions on the keys ${prefix}* or the channel ${channel}: ${rules}`;
}
