import type { RedisContext, RedisCommand } from '../command.js';
import type { CommandOptions } from '../options/command-options.js';
import { EXIT } from '../exit-codes.js';
import { examine } from '../health.js';
import { json, text } from '../terminal/terminal-text.js';

const REPLICAS = { min: 1, max: 100, otherwise: 1 };

export const doctor: RedisCommand = {
  name: 'doctor',
  about: 'redis',
  usage: '',
  summary: 'check a Redis: settings, permissions, persistence, memory, clock, latency',
  options: {
    replicas: { value: 'n|all', help: 'the replicas option of the servers' },
  },
  prepare: (options) => {
    const replicas = replicasIn(options);
    return (context) => report(context, replicas);
  },
};

async function report(
  { options, terminal, connection }: RedisContext,
  replicas: number | 'all' | undefined,
): Promise<number> {
  const findings = await examine(connection, replicas);
  const problems = findings.filter(({ level }) => level === 'problem').length;
  if (options.flag('json')) {
    terminal.out(json({ redis: connection.target, problems, findings }, 2));
  } else {
    for (const { check, level, found, advice } of findings) {
      terminal.out(text`${terminal.bold(text`${level}`.padEnd(7))}  ${check}: ${found}`);
      if (advice !== undefined) terminal.out(text`         ${advice}`);
    }
    const count = `${String(problems)} problem${problems === 1 ? '' : 's'}`;
    terminal.out(text`\n${connection.target}: ${problems === 0 ? 'no problems' : count}.`);
  }
  return problems === 0 ? EXIT.ok : EXIT.refused;
}

function replicasIn(options: CommandOptions): number | 'all' | undefined {
  const text = options.text('replicas');
  if (text === undefined || text === 'all') return text;
  return options.integer('replicas', REPLICAS);
}
