import type { RecordAdmin } from '../core/record/record-admin.js';
import type { RedisRecordAdmin } from '../stores/redis/admin/redis-record-admin.js';
import type { CommandOptions, OptionSpecs } from './options/command-options.js';
import { CONNECTION_OPTIONS, type Connection, type ConnectionSettings } from './connection.js';
import type { Terminal } from './terminal/terminal.js';

/** The context of a command about one record. */
export interface RecordContext {
  readonly options: CommandOptions;
  readonly terminal: Terminal;
  /** Unset: the records are in a database. */
  readonly connection: Connection | undefined;
  readonly admin: RecordAdmin & Partial<Pick<RedisRecordAdmin, 'memoryBytes'>>;
}

/** The context of a command about a Redis. */
export interface RedisContext extends RecordContext {
  readonly connection: Connection;
  readonly admin: RedisRecordAdmin;
}

/** The help texts of a command. */
interface CommandWords {
  readonly name: string;
  /** The arguments behind its name. */
  readonly usage: string;
  readonly summary: string;
  /** Beside those that every command of its kind has. */
  readonly options: OptionSpecs;
}

/** A command about one record, in a Redis or in a database. */
export interface RecordCommand extends CommandWords {
  readonly about: 'record';
  /**
   * Reads options that need no connection, once: files and standard input may be among them.
   *
   * @param place - what ids of records may begin with
   * @returns what to do; it resolves with the exit code
   * @throws UsageError
   */
  readonly prepare: (
    options: CommandOptions,
    place: { readonly prefix: string },
  ) => (context: RecordContext) => Promise<number>;
}

/** A command about the records in a Redis. */
export interface RedisCommand extends CommandWords {
  readonly about: 'redis';
  /**
   * Reads options that need no connection, once: files and standard input may be among them.
   *
   * @returns what to do; it resolves with the exit code
   * @throws UsageError
   */
  readonly prepare: (
    options: CommandOptions,
    settings: ConnectionSettings,
  ) => (context: RedisContext) => Promise<number>;
}

/** A command about the table of outcomes, which needs no Redis. */
export interface TableCommand extends CommandWords {
  readonly about: 'table';
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
export type Command = RecordCommand | RedisCommand | TableCommand;

const TABLE_OPTIONS: OptionSpecs = { help: { help: 'print this help' } };

const DATABASE_OPTIONS: OptionSpecs = {
  database: {
    value: 'url',
    help: 'postgres:// or mysql:// URL, or the file of an SQLite database, in place of a Redis: for a DatabaseStore',
  },
  table: { value: 'name', help: 'the table option of its adapter' },
};

/** All options of a command. */
export function optionsOf({ about, options }: Command): OptionSpecs {
  switch (about) {
    case 'table':
      return { ...options, ...TABLE_OPTIONS };
    case 'redis':
      return { ...options, ...CONNECTION_OPTIONS };
    case 'record':
      return { ...options, ...CONNECTION_OPTIONS, ...DATABASE_OPTIONS };
    default:
      return about satisfies never;
  }
}
