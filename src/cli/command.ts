import type { RecordDesk } from '../stores/redis/record-desk.js';
import type { CommandOptions, OptionSpecs } from './options/command-options.js';
import type { Connection, ConnectionSettings } from './connection.js';
import type { Terminal } from './terminal/terminal.js';

/** What a command works with. */
export interface CommandContext {
  readonly options: CommandOptions;
  readonly terminal: Terminal;
  readonly connection: Connection;
  readonly admin: RecordDesk;
}

/** One command of the tool. */
export interface Command {
  readonly name: string;
  /** What stands behind its name. */
  readonly usage: string;
  readonly summary: string;
  /** Beside those of the connection. */
  readonly options: OptionSpecs;
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
