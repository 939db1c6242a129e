import { pruneOutcomes } from '../../core/database/prune-outcomes.js';
import type { TableCommand } from '../command.js';
import { EXIT } from '../exit-codes.js';
import { openDatabase } from '../open-database.js';
import { UsageError } from '../options/usage-error.js';
import { json, text } from '../terminal/terminal-text.js';

const BATCH_SIZE = { min: 1, max: 100_000, otherwise: 1_000 };
const GRACE_SECONDS = { min: 0, max: 1_000_000_000, otherwise: 3_600 };

export const prune: TableCommand = {
  name: 'prune',
  about: 'table',
  usage: '',
  summary: 'remove expired outcomes from a database, in batches',
  options: {
    database: {
      value: 'url',
      help: 'postgres:// or mysql:// URL, or the file of an SQLite database (default: DATABASE_URL)',
    },
    table: { value: 'name', help: 'the table option of the adapter' },
    'batch-size': { value: 'n', help: 'how many rows a transaction removes (default: 1000)' },
    'grace-seconds': {
      value: 'n',
      help: 'how long a row stays after it has expired (default: 3600)',
    },
    json: { help: 'print JSON, for programs' },
  },
  async run(options, terminal, env) {
    const batchSize = options.integer('batch-size', BATCH_SIZE);
    const graceMs = options.integer('grace-seconds', GRACE_SECONDS) * 1_000;
    const named = options.text('database') ?? env['DATABASE_URL'];
    if (named === undefined || named === '') {
      throw new UsageError('Say which database: --database <url or file>, or DATABASE_URL.');
    }
    const { database, close } = openDatabase(named, options.text('table'));
    try {
      const removed = await pruneOutcomes(database, {
        ...{ batchSize, graceMs },
        onProgress: (soFar) => {
          terminal.progress(text`${soFar} expired outcomes removed`);
        },
      });
      terminal.progress();
      terminal.out(
        options.flag('json') ? json({ removed }) : text`Removed ${removed} expired outcomes.`,
      );
      return EXIT.ok;
    } finally {
      await close();
    }
  },
};
