import { runCli } from '../../src/cli/run-cli.js';
import type { Terminal } from '../../src/cli/terminal/terminal.js';

import { SERVICE } from '../support/redis-keys.js';
import type { CliRun } from '../support/run-cli.js';

/** The output of a command on its terminal. */
export interface Written {
  readonly code: number;
  /** Calls of `out` and `err`, and questions, each as one string. */
  readonly out: readonly string[];
  readonly err: readonly string[];
  readonly all: readonly string[];
}

interface RunOptions {
  readonly env?: Readonly<Record<string, string>>;
  readonly answer?: boolean;
  readonly interactive?: boolean;
}

/**
 * Runs a command within the test's process.
 *
 * @param env - variables beside the URL; by default the service's name
 * @param answer - the answer to the command's questions
 * @param interactive - whether the command can ask, and show its progress
 */
export async function runCliHere(
  args: readonly string[],
  redisUrl: string,
  { env = { IDEMPOTENCY_SERVICE: SERVICE }, answer = true, interactive = true }: RunOptions = {},
): Promise<Written> {
  const [out, err]: [string[], string[]] = [[], []];
  const terminal: Terminal = {
    out: (line) => void out.push(String(line)),
    err: (line) => void err.push(String(line)),
    progress(line) {
      if (interactive) err.push(String(line ?? ''));
    },
    interactive,
    confirm(question) {
      err.push(String(question));
      return Promise.resolve(answer);
    },
    bold: (line) => line,
  };
  const code = await runCli(args, terminal, { REDIS_URL: redisUrl, ...env }, process.cwd());
  return { code, out, err, all: [...out, ...err] };
}

/** Runs a command as {@link runCliHere} does, but as a program would whose output goes to files. */
export async function runScripted(args: readonly string[], redisUrl: string): Promise<CliRun> {
  const { code, out, err } = await runCliHere(args, redisUrl, { interactive: false });
  const file = (lines: readonly string[]): string => lines.map((line) => `${line}\n`).join('');
  return { code, stdout: file(out), stderr: file(err) };
}
