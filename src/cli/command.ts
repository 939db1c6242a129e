import type { RecordDesk } from '../stores/redis/record-desk.js';
import type { CommandOptions, OptionSpecs } from './command-options.js';
import type { Connection } from './connection.js';
import type { Terminal } from './terminal.js';

/** What a command works with. */
export interface CommandContext {
  readonly options: CommandOptions;
  readonly terminal: Terminal;
  readonly connection: Connection;
  readonly desk: RecordDesk;
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
  readonly prepare: (options: CommandOptions) => (context: CommandContext) => Promise<number>;
}
