import { createInterface } from 'node:readline/promises';
import type { TerminalText } from './terminal-text.js';

/** The input and output of a command. It takes no plain strings: see {@link TerminalText}. */
export interface Terminal {
  /** Writes the command's result. */
  readonly out: (line: TerminalText) => void;
  /** Writes everything else. */
  readonly err: (line: TerminalText) => void;
  /** Shows how far a long command has come, in place of what it showed before; unset: nothing. */
  readonly progress: (line?: TerminalText) => void;
  /** Whether somebody can be asked. */
  readonly interactive: boolean;
  /** Asks whether to go on. Only where {@link Terminal.interactive}. */
  readonly confirm: (question: TerminalText) => Promise<boolean>;
  readonly bold: (text: TerminalText) => TerminalText;
}

/** The terminal of this process. */
export function openTerminal(): Terminal {
  const { stdin, stdout, stderr, env } = process;
  // A reader that has left, as `| head` does, ends no change in the middle, nor the line in its audit.
  for (const stream of [stdout, stderr]) {
    stream.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code !== 'EPIPE') throw error;
    });
  }
  const colours = stdout.isTTY && !env['NO_COLOR'];
  return {
    out(line) {
      stdout.write(`${String(line)}\n`);
    },
    err(line) {
      stderr.write(`${String(line)}\n`);
    },
    progress(line) {
      if (stderr.isTTY) stderr.write(`\r\u001b[K${String(line ?? '')}`);
    },
    interactive: stdin.isTTY && stderr.isTTY,
    async confirm(question) {
      const lines = createInterface({ input: stdin, output: stderr });
      try {
        return /^y(es)?$/i.test((await lines.question(`${String(question)} [y/N] `)).trim());
      } finally {
        lines.close();
      }
    },
    bold: (line) => (colours ? line.bold() : line),
  };
}
