import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { RedisServer } from './redis-server.js';

/** The rule that docs/redis.md has, line by line. */
const [rule = [], commands = [], channels = [], forReplicas = [], forClusters = []] = (
  /^ACL SETUSER (?:.*\n)+?(?=```)/m.exec(
    readFileSync(join(__dirname, '../../docs/redis.md'), 'utf8'),
  )?.[0] ?? ''
)
  .split('\n')
  .map((line) => line.trim().split(/\s+/));

/** Gives the documentation's user exactly these rights. */
async function permit(
  server: RedisServer,
  ...rights: readonly (readonly string[])[]
): Promise<void> {
  const [, command = '', name = '', ...rules] = rule;
  await server.call('ACL', command, name, 'reset', ...rules, ...rights.flat());
}

/** The Redis user of docs/redis.md, whose rights are listed by what needs them. */
export const redisRule = {
  user: { username: 'idempotency', password: 'secret' },
  commands,
  channels,
  forReplicas,
  forClusters,
  permit,
};
