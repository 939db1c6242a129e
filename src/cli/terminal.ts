import { createInterface } from 'node:readline/promises';

/** Where a command reads and writes. */
export interface Terminal {
  /** The command's result. */
  readonly out: (line: string) => void;
  /** Everything else. */
  readonly err: (line: string) => void;
  /** Shows how far a long command has come, in place of what it showed before. */
  readonly progress: (text: string) => void;
  /** Whether somebody can be asked. */
  readonly interactive: boolean;
  /** Whether the answer is yes. Only where {@link Terminal.interactive}. */
  readonly confirm: (question: string) => Promise<boolean>;
  readonly bold: (text: string) => string;
}

/** The terminal of this process. */
export function openTerminal(): Terminal {
  const { stdin, stdout, stderr, env } = process;
  const colours = stdout.isTTY && !env['NO_COLOR'];
  return {
    out(line) {
      stdout.write(`${line}\n`);
    },
    err(line) {
      stderr.write(`${line}\n`);
    },
    progress(text) {
      if (stderr.isTTY) stderr.write(`\r\u001b[K${text}`);
    },
    interactive: stdin.isTTY && stderr.isTTY,
    async confirm(question) {
      const lines = createInterface({ input: stdin, output: stderr });
      try {
        return /^y(es)?$/i.test((await lines.question(`${question} [y/N] `)).trim());
      } finally {
        lines.close();
      }
    },
    bold: (text) => (colours ? `\u001b[1m${text}\u001b[0m` : text),
  };
}
