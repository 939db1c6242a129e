import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { messageOf } from '../core/message-of.js';
import { openRecordDesk } from '../stores/redis/record-desk.js';
import { CommandOptions } from './command-options.js';
import type { Command } from './command.js';
import { audit } from './commands/audit.js';
import { doctor } from './commands/doctor.js';
import { forget } from './commands/forget.js';
import { inspect } from './commands/inspect.js';
import { list } from './commands/list.js';
import { settle } from './commands/settle.js';
import { connect, CONNECTION_OPTIONS } from './connection.js';
import { EXIT } from './exit-codes.js';
import { helpOf, overview } from './help.js';
import type { Terminal } from './terminal.js';
import { UsageError } from './usage-error.js';

const COMMANDS: readonly Command[] = [inspect, list, settle, forget, doctor, audit];

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
    terminal.err(messageOf(error));
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
    terminal.out((JSON.parse(manifest) as { readonly version: string }).version);
    return EXIT.ok;
  }
  const command = COMMANDS.find((known) => known.name === name);
  if (command === undefined) {
    throw new UsageError(`There is no command ${JSON.stringify(name)}: see --help.`);
  }
  if (args.includes('--help')) {
    terminal.out(helpOf(command));
    return EXIT.ok;
  }
  const options = new CommandOptions(args, { ...command.options, ...CONNECTION_OPTIONS });
  if (command.usage === '' && options.positionals.length > 0) {
    throw new UsageError(`${command.name} takes options only.`);
  }
  const run = command.prepare(options);
  const connection = await connect(options, env);
  try {
    const desk = openRecordDesk(connection.client, connection.prefix);
    return await run({ options, terminal, connection, desk });
  } finally {
    connection.close();
  }
}
