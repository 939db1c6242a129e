import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { messageOf } from '../core/values/message-of.js';
import { DatabaseStore } from '../stores/database/index.js';
import { openRedisRecordAdmin } from '../stores/redis/admin/redis-record-admin.js';
import { CommandOptions } from './options/command-options.js';
import { optionsOf, type RecordCommand, type RedisCommand } from './command.js';
import { COMMANDS } from './commands/all-commands.js';
import { connect, connectionSettings } from './connection.js';
import { EXIT } from './exit-codes.js';
import { helpOf, overview } from './help.js';
import { openDatabase } from './open-database.js';
import type { Terminal } from './terminal/terminal.js';
import { text } from './terminal/terminal-text.js';
import { UsageError } from './options/usage-error.js';

/**
 * Runs the tool.
 *
 * @param args - the command line behind the tool's name
 * @param folder - of the package, whose version is told
 * @returns the exit code
 */
export async function runCli(
  args: readonly string[],
  terminal: Terminal,
  env: Readonly<Record<string, string | undefined>>,
  folder: string,
): Promise<number> {
  try {
    return await dispatch(args, terminal, env, folder);
  } catch (error) {
    terminal.err(text`${messageOf(error)}`);
    return error instanceof UsageError ? EXIT.usage : EXIT.unreachable;
  }
}

async function dispatch(
  [name, ...args]: readonly string[],
  terminal: Terminal,
  env: Readonly<Record<string, string | undefined>>,
  folder: string,
): Promise<number> {
  if (name === undefined || name === '--help' || name === '-h' || name === 'help') {
    terminal.out(overview(COMMANDS));
    return name === undefined ? EXIT.usage : EXIT.ok;
  }
  if (name === '--version') {
    const manifest = readFileSync(join(folder, 'package.json'), 'utf8');
    terminal.out(text`${(JSON.parse(manifest) as { readonly version: string }).version}`);
    return EXIT.ok;
  }
  const command = COMMANDS.find((known) => known.name === name);
  if (command === undefined) {
    throw new UsageError(`There is no command ${JSON.stringify(name)}: see --help.`);
  }
  const specs = optionsOf(command);
  if (CommandOptions.wantsHelp(args, specs)) {
    terminal.out(helpOf(command));
    return EXIT.ok;
  }
  const options = new CommandOptions(args, specs);
  if (command.usage === '' && options.positionals.length > 0) {
    throw new UsageError(`${command.name} takes options only.`);
  }
  switch (command.about) {
    case 'table':
      return await command.run(options, terminal, env);
    case 'record':
      return options.text('database') === undefined
        ? await runOnRedis(command, options, terminal, env)
        : await runOnDatabase(command, options, terminal);
    case 'redis':
      return await runOnRedis(command, options, terminal, env);
    default:
      return command satisfies never;
  }
}

async function runOnRedis(
  command: RecordCommand | RedisCommand,
  options: CommandOptions,
  terminal: Terminal,
  env: Readonly<Record<string, string | undefined>>,
): Promise<number> {
  if (options.text('table') !== undefined) throw new UsageError('--table goes with --database.');
  const settings = connectionSettings(options, env);
  const run = command.prepare(options, settings);
  const connection = await connect(settings);
  try {
    const admin = openRedisRecordAdmin(connection.client, connection.prefix);
    return await run({ options, terminal, connection, admin });
  } finally {
    connection.close();
  }
}

async function runOnDatabase(
  command: RecordCommand,
  options: CommandOptions,
  terminal: Terminal,
): Promise<number> {
  if (options.text('redis') !== undefined) throw new UsageError('Say --redis or --database.');
  const run = command.prepare(options, { prefix: '' });
  const { database, close } = openDatabase(options.text('database') ?? '', options.text('table'));
  try {
    const admin = new DatabaseStore(database);
    return await run({ options, terminal, connection: undefined, admin });
  } finally {
    await close();
  }
}
