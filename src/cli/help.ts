import type { Command } from './command.js';
import { CONNECTION_OPTIONS } from './connection.js';

const NAME = 'graphql-idempotency';

/** What the tool can do. */
export function overview(commands: readonly Command[]): string {
  const width = Math.max(...commands.map(({ name }) => name.length));
  return [
    `${NAME}: looks after the records of idempotent mutations in Redis.`,
    '',
    `Usage: ${NAME} <command> --redis <url> [options]`,
    '',
    ...commands.map(({ name, summary }) => `  ${name.padEnd(width)}  ${summary}`),
    '',
    `${NAME} <command> --help tells the options of a command; ${NAME} --version, the version.`,
    'Exit codes: 0 done, 1 refused or problems found, 2 wrong command line, 3 Redis gave no answer.',
  ].join('\n');
}

/** How a command is used. */
export function helpOf({ name, usage, summary, options }: Command): string {
  const all = Object.entries({ ...options, ...CONNECTION_OPTIONS }).map(
    ([option, { value, help }]) =>
      [`--${option}${value === undefined ? '' : ` <${value}>`}`, help] as const,
  );
  const width = Math.max(...all.map(([option]) => option.length));
  return [
    `${NAME} ${name}: ${summary}.`,
    '',
    `Usage: ${[NAME, name, usage, '[options]'].filter((part) => part !== '').join(' ')}`,
    '',
    ...all.map(([option, help]) => `  ${option.padEnd(width)}  ${help}`),
  ].join('\n');
}
