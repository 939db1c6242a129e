import type { SqlDialect } from '../../core/database/idempotent-database.js';
import { outcomeTable } from '../../core/database/outcome-table.js';
import { messageOf } from '../../core/values/message-of.js';
import type { TableCommand } from '../command.js';
import { EXIT } from '../exit-codes.js';
import { UsageError } from '../options/usage-error.js';
import { text, TerminalText } from '../terminal/terminal-text.js';

const DIALECTS: readonly SqlDialect[] = ['postgres', 'mysql', 'sqlite'];

export const table: TableCommand = {
  name: 'table',
  about: 'table',
  usage: '',
  summary: 'print the statement that creates the table of outcomes, for a migration',
  options: {
    dialect: { value: 'dialect', help: `${DIALECTS.join(', ')}; MariaDB is mysql` },
    table: { value: 'name', help: 'the table option of the adapter' },
  },
  run(options, terminal) {
    const named = options.text('dialect');
    const dialect = DIALECTS.find((known) => known === named);
    if (dialect === undefined) {
      throw new UsageError(
        `Say for which database: --dialect ${DIALECTS.join(', or --dialect ')}.`,
      );
    }
    const lines = statementsOf(dialect, options.text('table')).split('\n');
    // What is put into a text has no space in front.
    const shown = lines.map((line) =>
      line.startsWith('  ') ? text`  ${line.slice(2)}` : text`${line}`,
    );
    terminal.out(TerminalText.join(shown, '\n'));
    return Promise.resolve(EXIT.ok);
  },
};

function statementsOf(dialect: SqlDialect, name: string | undefined): string {
  try {
    return outcomeTable(dialect, name);
  } catch (error) {
    throw new UsageError(`--${messageOf(error)}`);
  }
}
