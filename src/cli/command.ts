import type { RecordDesk } from '../stores/redis/admin/record-desk.js';
import type { CommandOptions, OptionSpecs } from './options/command-options.js';
import { CONNECTION_OPTIONS, type Connection, type ConnectionSettings } from './connection.js';
import type { Terminal } from './terminal/terminal.js';

/** What a command works with. */
export interface CommandContext {
  readonly options: CommandOptions;
  readonly terminal: Terminal;
  readonly connection: Connection;
  readonly admin: RecordDesk;
}

/** What the help says of a command. */
interface CommandWords {
  readonly name: string;
  /** What stands behind its name. */
  readonly usage: string;
  readonly summary: string;
  /** Beside those that every command of its kind has. */
  readonly options: OptionSpecs;
}

/** A command about the records in a Redis. */
export interface RecordCommand extends CommandWords {
  /**
   * Reads options that need no connection, once: files and standard input may be among them.
   *
   * @returns what to do; it resolves with the exit code
   * @throws UsageError
   */
  readonly prepare: (
    options: CommandOptions,
    settings: ConnectionSettings,
  ) => (context: CommandContext) => Promise<number>;
}

/** A command about the table of outcomes, which needs no Redis. */
export interface TableCommand extends CommandWords {
  /**
   * Does it.
   *
   * @returns the exit code
   * @throws UsageError
   */
  readonly run: (
    options: CommandOptions,
    terminal: Terminal,
    env: Readonly<Record<string, string | undefined>>,
  ) => Promise<number>;
}

/** One command of the tool. */
export type Command = RecordCommand | TableCommand;

const TABLE_OPTIONS: OptionSpecs = { help: { help: 'print this' } };

/** All options of a command. */
export function optionsOf(command: Command): OptionSpecs {
  return { ...command.options, ...('run' in command ? TABLE_OPTIONS : CONNECTION_OPTIONS) };
}
