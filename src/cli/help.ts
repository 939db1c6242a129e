import { optionsOf, type Command } from './command.js';
import { text, TerminalText } from './terminal/terminal-text.js';

const NAME = 'graphql-idempotency';

/** The overview of the commands. */
export function overview(commands: readonly Command[]): TerminalText {
  return lines(
    text`${NAME}: inspects and settles the records of idempotent mutations, in Redis or in a database.`,
    text``,
    text`Usage: ${NAME} <command> [options]`,
    text``,
    ...columns(commands.map(({ name, summary }) => [name, summary])),
    text``,
    text`${NAME} <command> --help lists the options of a command; ${NAME} --version prints the version.`,
    text`Exit codes: 0 done; 1 refused, or problems found; 2 wrong command line; 3 no answer from Redis or the database.`,
  );
}

/** The help of a command. */
export function helpOf(command: Command): TerminalText {
  const { name, usage, summary } = command;
  const words = [NAME, name, usage, '[options]'].filter((part) => part !== '').join(' ');
  return lines(
    text`${NAME} ${name}: ${summary}.`,
    text``,
    text`Usage: ${words}`,
    text``,
    ...columns(
      Object.entries(optionsOf(command)).map(([option, { value, help }]) => [
        `--${option}${value === undefined ? '' : ` <${value}>`}`,
        help,
      ]),
    ),
  );
}

function lines(...all: readonly TerminalText[]): TerminalText {
  return TerminalText.join(all, '\n');
}

function columns(rows: readonly (readonly [name: string, help: string])[]): TerminalText[] {
  const width = Math.max(...rows.map(([name]) => name.length));
  return rows.map(([name, help]) => text`  ${text`${name}`.padEnd(width)}  ${help}`);
}
