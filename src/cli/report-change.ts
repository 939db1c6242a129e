import type { CommandOptions } from './options/command-options.js';
import { EXIT } from './exit-codes.js';
import type { Terminal } from './terminal/terminal.js';
import { json, text, type TerminalText } from './terminal/terminal-text.js';

const REFUSED: Readonly<Record<string, string>> = {
  changed: 'the record has changed since it was read. Inspect it again.',
  running: 'a request is running it now.',
  completed: 'it already has an outcome, which a client may have received.',
  unreadable: 'it cannot be read. It can only be forgotten.',
  absent: 'it no longer exists.',
  exhausted: 'it has reached the largest number of attempts. Settle it with an outcome.',
};

/** Reports the result of a change. */
export function reportChange(
  result: string,
  {
    terminal,
    options,
    recordId,
    done,
  }: {
    readonly terminal: Terminal;
    readonly options: CommandOptions;
    readonly recordId: string;
    readonly done: TerminalText;
  },
): number {
  if (options.flag('json')) terminal.out(json({ recordId, result }));
  if (result === 'done') {
    if (!options.flag('json')) terminal.out(done);
    return EXIT.ok;
  }
  terminal.err(text`Refused: ${REFUSED[result] ?? result} Nothing was changed.`);
  return EXIT.refused;
}
