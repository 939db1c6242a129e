import { parseArgs } from 'node:util';
import { UsageError } from './usage-error.js';

/** One option of a command. */
export interface OptionSpec {
  /** The name of its value in the help; a switch has none. */
  readonly value?: string;
  readonly help: string;
}

/** The options of a command, by name. */
export type OptionSpecs = Readonly<Record<string, OptionSpec>>;

type Parsed = Extract<
  NonNullable<ReturnType<typeof parseArgs>['tokens']>[number],
  { kind: 'option' }
>;

/** The options given on the command line. */
export class CommandOptions {
  readonly positionals: readonly string[];
  readonly #values = new Map<string, string | true>();

  /**
   * @throws UsageError when an option is unknown, is given twice, lacks its value, has one that it
   * must not have, or when its value could be meant as an option
   */
  constructor(args: readonly string[], specs: OptionSpecs) {
    const { positionals, tokens } = tokensOf(args, specs);
    this.positionals = positionals;
    for (const token of tokens) {
      // What is said twice was meant once: which of the two, nobody can know.
      if (this.#values.has(token.name)) throw new UsageError(`${token.rawName} is given twice.`);
      this.#values.set(token.name, valueOf(token, specs));
    }
  }

  /** Whether the help is asked for: `--help` or `-h` as an option, not as the value of one. */
  static wantsHelp(args: readonly string[], specs: OptionSpecs): boolean {
    return tokensOf(args, specs).tokens.some(({ rawName }) => ['--help', '-h'].includes(rawName));
  }

  /** Whether a switch is on. */
  flag(name: string): boolean {
    return this.#values.get(name) === true;
  }

  /** An option's text, or `undefined` if it was not given. */
  text(name: string): string | undefined {
    const value = this.#values.get(name);
    return value === true ? undefined : value;
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

/** Splits a command line. An option that takes a value takes the next argument, whatever it is. */
function tokensOf(
  args: readonly string[],
  specs: OptionSpecs,
): { readonly positionals: readonly string[]; readonly tokens: readonly Parsed[] } {
  const options = Object.fromEntries(
    Object.entries(specs).map(([name, { value }]) => [
      name,
      { type: value === undefined ? 'boolean' : 'string' } as const,
    ]),
  );
  const { positionals, tokens } = parseArgs({
    args: [...args],
    options,
    strict: false,
    allowPositionals: true,
    tokens: true,
  });
  return { positionals, tokens: tokens.filter((token) => token.kind === 'option') };
}

function valueOf({ name, rawName, value, inlineValue }: Parsed, specs: OptionSpecs): string | true {
  const spec = Object.hasOwn(specs, name) && rawName === `--${name}` ? specs[name] : undefined;
  if (spec === undefined) throw new UsageError(`There is no option ${rawName}: see --help.`);
  if (spec.value === undefined) {
    if (value === undefined) return true;
    throw new UsageError(`${rawName} takes no value.`);
  }
  if (value === undefined) throw new UsageError(`${rawName} needs a value: <${spec.value}>.`);
  if (value === '') throw new UsageError(`${rawName} must not be empty.`);
  // It would be believed if the value had been forgotten, and a change made that nobody wanted.
  if (!inlineValue && value.length > 1 && value.startsWith('-')) {
    throw new UsageError(
      `${rawName} is followed by ${value}, which looks like an option. If it is the value: ${rawName}=${value}`,
    );
  }
  return value;
}
