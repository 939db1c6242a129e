import { runCli } from '../../src/cli/run-cli.js';
import { COMMANDS } from '../../src/cli/commands/all-commands.js';
import { optionsOf } from '../../src/cli/command.js';
import { CommandOptions } from '../../src/cli/options/command-options.js';
import { UsageError } from '../../src/cli/options/usage-error.js';
import { EXIT } from '../../src/cli/exit-codes.js';
import type { Terminal } from '../../src/cli/terminal/terminal.js';

/** Each option of each command that takes a value, and each that takes none. */
const ALL = COMMANDS.flatMap((command) =>
  Object.entries(optionsOf(command)).map(
    ([option, { value }]) => [command.name, `--${option}`, value !== undefined] as const,
  ),
);
const VALUED = ALL.filter(([, , takesValue]) => takesValue);
const SWITCHES = ALL.filter(([, , takesValue]) => !takesValue);

/** Runs a command line that must not come as far as Redis: there is none to be reached. */
async function run(...args: string[]): Promise<{ code: number; text: string }> {
  const lines: string[] = [];
  const terminal: Terminal = {
    out: (line) => void lines.push(String(line)),
    err: (line) => void lines.push(String(line)),
    progress: () => undefined,
    interactive: false,
    confirm: () => Promise.resolve(true),
    bold: (line) => line,
  };
  const code = await runCli(
    args,
    terminal,
    { REDIS_URL: 'redis://127.0.0.1:1', IDEMPOTENCY_SERVICE: 's' },
    process.cwd(),
  );
  return { code, text: lines.join('\n') };
}

describe('a command line', () => {
  it.each(['abc', '1.5', '0/1', '-1'])(
    'refuses the database %s of an address',
    async (database) => {
      expect(await run('list', '--redis', `redis://127.0.0.1:1/${database}`)).toEqual({
        code: EXIT.usage,
        text: 'What follows the address in --redis must be the number of a database.',
      });
    },
  );

  it.each(VALUED)(
    '%s %s takes a value, however it looks, or says how to give it',
    async (command, option) => {
      for (const value of ['--help', '-h', '--yes', '-1', '--', '--no-such-option']) {
        expect(await run(command, option, value)).toEqual({
          code: EXIT.usage,
          text: `${option} is followed by ${value}, which looks like an option. If it is the value: ${option}=${value}`,
        });
        const specs = { [option.slice(2)]: { value: 'text', help: '' } };
        expect(new CommandOptions([`${option}=${value}`], specs).text(option.slice(2))).toBe(value);
        expect((await run(command, `${option}=${value}`)).text).not.toContain('Usage:');
      }
      for (const [args, sentence] of [
        [[option], `${option} needs a value`],
        [[`${option}=`], `${option} must not be empty.`],
        [[option, ''], `${option} must not be empty.`],
        [[option, 'a', option, 'b'], `${option} is given twice.`],
      ] as const) {
        const { code, text } = await run(command, ...args);
        expect([code, text]).toEqual([EXIT.usage, expect.stringContaining(sentence)]);
      }
    },
  );

  it.each(SWITCHES)('%s %s takes no value', async (command, option) => {
    if (option === '--help') return;
    for (const value of ['yes', 'false', '--help', '']) {
      const { code, text } = await run(command, `${option}=${value}`);
      expect([code, text]).toEqual([EXIT.usage, `${option} takes no value.`]);
    }
    expect((await run(command, option, option)).text).toBe(`${option} is given twice.`);
  });

  it.each(COMMANDS.map(({ name }) => [name]))('%s knows no other options', async (command) => {
    for (const option of ['--shout', '-x', '--__proto__', '--constructor', '--toString', '--val']) {
      const { code, text } = await run(command, option);
      expect([code, text]).toEqual([EXIT.usage, `There is no option ${option}: see --help.`]);
    }
    // The help is an option wherever one can stand, and nowhere else.
    for (const help of [['--help'], ['-h'], ['x', '--help'], ['--shout', '--help']]) {
      expect(await run(command, ...help)).toEqual({
        code: EXIT.ok,
        text: expect.stringContaining(`Usage: graphql-idempotency ${command}`) as string,
      });
    }
    const behind = await run(command, '--', '--help');
    expect([behind.code, behind.text]).toEqual([
      EXIT.usage,
      expect.stringMatching(/takes options only|"--help" is not a record id/),
    ]);
  });

  it('takes a value as it is when it cannot be an option', () => {
    const specs = { file: { value: 'file', help: '' }, yes: { help: '' } };
    const options = new CommandOptions(['--file', '-', '--yes', 'a b', '--', '-x'], specs);
    expect([options.text('file'), options.flag('yes'), options.positionals]).toEqual([
      '-',
      true,
      ['a b', '-x'],
    ]);
    expect(() => new CommandOptions(['-'], {})).not.toThrow();
    expect(() => new CommandOptions(['--file', '--'], specs)).toThrow(UsageError);
  });
});
