import type { CommandOptions } from './options/command-options.js';
import { EXIT } from './exit-codes.js';
import type { Terminal } from './terminal/terminal.js';
import { json, text, type TerminalText } from './terminal/terminal-text.js';

const REFUSED: Readonly<Record<string, string>> = {
  changed: 'the record changed since it was looked at. Inspect it again.',
  running: 'a request is running it now.',
  completed: 'it has an outcome already, which somebody may have been told.',
  unreadable: 'it cannot be read. Only "forget" can be done to it.',
  absent: 'it is not there any more.',
  exhausted: 'it has had all the attempts that a record may have. Settle it with an outcome.',
};

/** Tells what came of a change. */
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
