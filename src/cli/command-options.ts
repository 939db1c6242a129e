import { parseArgs } from 'node:util';
import { UsageError } from './usage-error.js';

/** One option of a command. */
export interface OptionSpec {
  /** What stands for its value in the help; a switch has none. */
  readonly value?: string;
  readonly help: string;
}

/** The options of a command, by name. */
export type OptionSpecs = Readonly<Record<string, OptionSpec>>;

/** What was given on the command line. */
export class CommandOptions {
  readonly positionals: readonly string[];
  readonly #values: Readonly<Record<string, string | boolean | undefined>>;

  /** @throws UsageError when an option is unknown, lacks its value, or has one that it must not have */
  constructor(args: readonly string[], specs: OptionSpecs) {
    const options = Object.fromEntries(
      Object.entries(specs).map(([name, { value }]) => [
        name,
        { type: value === undefined ? 'boolean' : 'string' } as const,
      ]),
    );
    try {
      const parsed = parseArgs({ args: [...args], options, allowPositionals: true });
      this.positionals = parsed.positionals;
      this.#values = parsed.values;
    } catch (error) {
      const [sentence = ''] = (error instanceof Error ? error.message : String(error)).split('. ');
      throw new UsageError(`${sentence.replace(/\.$/, '')}.`);
    }
  }

  /** Whether a switch is on. */
  flag(name: string): boolean {
    return this.#values[name] === true;
  }

  /** An option's text, or `undefined` if it was not given. */
  text(name: string): string | undefined {
    const value = this.#values[name];
    if (value === '') throw new UsageError(`--${name} must not be empty.`);
    return typeof value === 'string' ? value : undefined;
  }

  /** @throws UsageError when it is no whole number, or out of range */
  integer(name: string, range: { min: number; max: number; otherwise: number }): number {
    const text = this.text(name);
    if (text === undefined) return range.otherwise;
    const value = Number(text);
    if (/^\d+$/.test(text) && value >= range.min && value <= range.max) return value;
    throw new UsageError(
      `--${name} must be a whole number from ${String(range.min)} to ${String(range.max)}, not ${JSON.stringify(text)}.`,
    );
  }
}
