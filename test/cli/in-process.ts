import { runCli } from '../../src/cli/run-cli.js';
import type { Terminal } from '../../src/cli/terminal/terminal.js';

import { SERVICE } from '../support/redis-keys.js';

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
}

/**
 * Runs a command within the test's process, with somebody at the terminal.
 *
 * @param env - beside the URL: whose records, unless the test is about that
 * @param answer - what they say when they are asked
 */
export async function runCliHere(
  args: readonly string[],
  redisUrl: string,
  { env = { IDEMPOTENCY_SERVICE: SERVICE }, answer = true }: RunOptions = {},
): Promise<Written> {
  const [out, err]: [string[], string[]] = [[], []];
  const terminal: Terminal = {
    out: (line) => void out.push(String(line)),
    err: (line) => void err.push(String(line)),
    progress: (line) => void err.push(String(line ?? '')),
    interactive: true,
    confirm(question) {
      err.push(String(question));
      return Promise.resolve(answer);
    },
    bold: (line) => line,
  };
  const code = await runCli(args, terminal, { REDIS_URL: redisUrl, ...env }, process.cwd());
  return { code, out, err, all: [...out, ...err] };
}
