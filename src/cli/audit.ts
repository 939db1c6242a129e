import { randomUUID } from 'node:crypto';
import { hostname, userInfo } from 'node:os';
import { messageOf } from '../core/values/message-of.js';
import type { CommandOptions, OptionSpecs } from './options/command-options.js';
import type { Connection } from './connection.js';
import { UnreachableError } from './connection.js';
import { isoTime } from './terminal/format.js';
import type { Terminal } from './terminal/terminal.js';
import { json, text, type TerminalText } from './terminal/terminal-text.js';

/** Options of commands that change something. */
export const CHANGE_OPTIONS: OptionSpecs = {
  yes: { help: 'do not ask for confirmation; required without a terminal' },
  actor: { value: 'name', help: 'who makes the change, for the audit (default: user@host)' },
  reason: { value: 'text', help: 'why, for the audit: a ticket, a name' },
  'no-audit': { help: 'change it even if the audit cannot be written' },
};

/** The approximate number of lines that the audit keeps. */
const LINES_MAX = 10_000;

/** One line of the audit. */
export type AuditLine = Readonly<Record<string, string>>;

/** The key of the stream. No record id looks like it. */
function auditKey({ prefix }: Connection): string {
  return `${prefix}audit`;
}

/** A change as the audit tells of it. */
export interface Change {
  readonly command: string;
  readonly recordId: string;
  /** The record's state before it. */
  readonly before: string;
}

/**
 * Makes a change with a line before it, of what is intended, and a line after it, of what came of it:
 * in the stream `<prefix>audit` of a Redis and on stderr; for a database on stderr only. Without the first there is no change.
 *
 * @throws UnreachableError when the first line cannot be written, unless `--no-audit`
 */
export async function audited(
  connection: Connection | undefined,
  options: CommandOptions,
  terminal: Terminal,
  change: Change,
  act: () => Promise<string>,
): Promise<string> {
  const about = {
    id: randomUUID(),
    actor: options.text('actor') ?? `${userInfo().username}@${hostname()}`,
    ...change,
    reason: options.text('reason') ?? '',
  };
  async function note(line: AuditLine): Promise<void> {
    terminal.err(text`audit: ${json({ ...line, at: new Date().toISOString() })}`);
    if (connection === undefined) return;
    const fields = Object.entries(line).flat();
    const key = auditKey(connection);
    await connection.client.send('xadd', [key, 'MAXLEN', '~', LINES_MAX, '*', ...fields], key);
  }
  await note({ ...about, result: 'intended' }).catch((error: unknown) => {
    if (options.flag('no-audit')) return;
    throw new UnreachableError(
      `The audit could not be written, so nothing was changed (--no-audit changes it anyway): ${messageOf(error)}`,
    );
  });
  const result = await act();
  await note({ ...about, result }).catch((error: unknown) => {
    terminal.err(text`The result is not in the audit in Redis: ${messageOf(error)}`);
  });
  return result;
}

/** The newest lines, newest first. */
export async function auditLines(connection: Connection, limit: number): Promise<AuditLine[]> {
  const key = auditKey(connection);
  const reply = await connection.client.send('xrevrange', [key, '+', '-', 'COUNT', limit], key);
  return (reply as [Buffer, Buffer[]][]).map(([id, fields]) => {
    const line = new Map<string, string>();
    for (let i = 0; i + 1 < fields.length; i += 2)
      line.set(String(fields[i]), String(fields[i + 1]));
    // The entry's own time, whatever its fields say.
    line.set('at', isoTime(Number(String(id).split('-')[0])));
    return Object.fromEntries(line);
  });
}

/**
 * Whether the change shall be made: asks where somebody can be asked.
 *
 * @returns `undefined` if it needs `--yes`
 */
export async function confirmed(
  options: CommandOptions,
  terminal: Terminal,
  question: TerminalText,
): Promise<boolean | undefined> {
  if (options.flag('yes')) return true;
  return terminal.interactive ? terminal.confirm(question) : undefined;
}
