import { auditLines } from '../audit.js';
import type { RedisCommand } from '../command.js';
import { EXIT } from '../exit-codes.js';
import { table } from '../terminal/table.js';
import { json } from '../terminal/terminal-text.js';

const LIMIT = { min: 1, max: 10_000, otherwise: 20 };

export const audit: RedisCommand = {
  name: 'audit',
  about: 'redis',
  usage: '',
  summary: 'show what was changed with this tool, newest first',
  options: { limit: { value: 'n', help: 'how many lines (default: 20)' } },
  prepare: (options) => {
    const limit = options.integer('limit', LIMIT);
    return async ({ terminal, connection }) => {
      const lines = await auditLines(connection, limit);
      if (options.flag('json')) {
        for (const line of lines) terminal.out(json(line));
        return EXIT.ok;
      }
      const head = ['at', 'actor', 'command', 'recordId', 'before', 'result', 'reason'];
      const rows = lines.map((line) => head.map((name) => line[name] ?? ''));
      for (const line of table(head, rows, terminal.bold)) terminal.out(line);
      return EXIT.ok;
    };
  },
};
