import { once } from 'node:events';
import { connect, createServer, type AddressInfo } from 'node:net';
import fc from 'fast-check';
import { encodeValue } from '../../src/core/codec.js';
import { recordIdOf } from '../../src/core/record/key.js';
import { encodeError } from '../../src/cli/extended-json.js';
import { json, text, TerminalText } from '../../src/cli/terminal/terminal-text.js';
import { table } from '../../src/cli/terminal/table.js';
import { RedisStore } from '../../src/stores/redis/index.js';
import { PREFIX, SERVICE } from '../support/redis-keys.js';
import { useRedis } from '../support/use-redis.js';
import { claimed, completionOf, newBegin } from '../support/requests.js';
import { lapse } from '../support/stored-claim.js';
import { fuzzing } from '../support/fuzz.js';
import { runCliHere, type Written } from './in-process.js';

/** Everything but controls, format characters, separators, surrogates and what has no glyph. */
const VISIBLE = /^(?:[\p{L}\p{N}\p{P}\p{S} ]|(?<=[\p{L}\p{N}\p{M}])\p{M})*$/u;
const INVISIBLE = /\p{Default_Ignorable_Code_Point}|\u2800/u;

const NASTY = [
  ...['\u001b[2J', '\u001b]0;title\u0007', '\u009b1A', '\r', '\n', '\b\b\b', '\u0000', '\u007f'],
  ...['\u202a', '\u202e', '\u2066', '\u2069', '\u200e', '\u200f', '\u061c', '\u2028', '\u2029'],
  ...['\ud800', '\udfff', '\ufeff', '\u200b', '\u00ad', '\u3164', '\u{e0041}', '\u0300', '\u20dd'],
  ...['\u0085', '\u000b', '\u00a0', '\u3000', '\u2800', '\ufe0f', '\u{10ffff}', '\ue000'],
  ...['  ', '\n  result  done', '"', '\\', '\\u001b', '__proto__', 'ops', '支払い', 'é', '👩‍👧'],
];

/** Text of anybody who wishes the operator ill. */
const hostile = fc
  .array(fc.oneof(fc.constantFrom(...NASTY), fc.string({ unit: 'binary', maxLength: 4 })), {
    minLength: 1,
    maxLength: 8,
  })
  .map((parts) => parts.join(''))
  .filter((said) => said !== '');

function expectVisible(written: readonly string[]): void {
  const lines = written.flatMap((text) => text.split('\n'));
  expect(lines.filter((line) => !VISIBLE.test(line) || INVISIBLE.test(line))).toEqual([]);
}

/** How many lines each call wrote. */
const shapeOf = ({ code, out, err }: Written): unknown => [
  code,
  out.map((line) => line.split('\n').length),
  err.map((line) => line.split('\n').length),
];

describe('terminal text', () => {
  const { timeoutMs, ...run } = fuzzing(2_000);

  it(
    'shows every character that it was given, and obeys none',
    () => {
      fc.assert(
        fc.property(hostile, (given) => {
          const shown = String(text`before ${given} behind`);
          expectVisible([shown]);
          // A column begins behind two spaces: no value can begin one.
          expect(shown).not.toContain('  ');
          const read = String(text`${given}`).replaceAll(/\\u\{([0-9a-f]+)\}/g, (_, code: string) =>
            String.fromCodePoint(parseInt(code, 16)),
          );
          expect(read).toBe(given);
        }),
        run,
      );
    },
    timeoutMs,
  );

  it(
    'is JSON that says exactly what it was given',
    () => {
      fc.assert(
        fc.property(hostile, hostile, (name, given) => {
          // `__proto__` in a literal would be no property.
          const value = Object.fromEntries([[name, [given, 1, null]]]);
          for (const indent of [0, 2]) {
            const written = String(json(value, indent));
            expect(JSON.parse(written)).toEqual(value);
            expectVisible([written]);
          }
          expect(String(json(given))).not.toContain('\n');
        }),
        run,
      );
    },
    timeoutMs,
  );

  it('escapes what is put into it once, and keeps what its source says', () => {
    const inner = text`${'\u001b'}`;
    expect(String(text`<${inner}>\n${TerminalText.join([inner, inner], '  ')}`)).toBe(
      String.raw`<\u{1b}>` + '\n' + String.raw`\u{1b}  \u{1b}`,
    );
    const [head, row] = table(['who', 'n'], [['a\r\nb', 12]], (line) => line).map(String);
    expect([head, row]).toEqual(['who            n', String.raw`a\u{d}\u{a}b  12`]);
  });
});

describe('nobody can write to an operator’s terminal through', () => {
  const redis = useRedis();
  let store: RedisStore;

  beforeAll(() => {
    store = new RedisStore(redis.client, { service: SERVICE });
  });
  afterAll(async () => {
    await store.close();
  });

  const cli = (...args: string[]): Promise<Written> => runCliHere(args, redis.url);

  /** Records and audit lines in which everything that can be text is this text. */
  async function seed(
    said: string,
  ): Promise<Record<'open' | 'value' | 'error' | 'broken', string>> {
    await redis.client.flushall();
    const ids = {
      open: recordIdOf('alice', 'Mutation.pay', 'open'),
      value: recordIdOf('alice', 'Mutation.pay', 'value'),
      error: recordIdOf('alice', 'Mutation.pay', 'error'),
      broken: recordIdOf('alice', 'Mutation.pay', 'broken'),
    };
    const begin = newBegin({ recordId: ids.open });
    const { owner } = begin;
    await claimed(store, begin);
    const step = { recordId: ids.open, owner, leaseMs: 30_000, timeoutMs: 5_000 };
    const name = said.slice(0, 255);
    await store.step({ ...step, name, state: 'value', payload: new Uint8Array(3) });
    await lapse(redis.client, `${PREFIX}${ids.open}`);
    const value = { ...Object.fromEntries([[said, [said]]]), map: new Map([[said, said]]) };
    for (const [recordId, status, payload] of [
      [ids.value, 'value', encodeValue(value, { bytesMax: 10_000 })],
      [ids.error, 'error', encodeError(said, Object.fromEntries([[said, said]]))],
    ] as const) {
      const other = newBegin({ recordId });
      await store.complete(completionOf(other, await claimed(store, other), { status, payload }));
    }
    await redis.client.set(`${PREFIX}${ids.broken}`, said);
    const fields = { actor: said, reason: said, command: said, at: '2000', [said]: said };
    await redis.client.xadd(`${PREFIX}audit`, '*', ...Object.entries(fields).flat());
    return ids;
  }

  /** Every command that reads, every refusal that repeats what it was told, and every change. */
  function commandsOn(
    ids: Awaited<ReturnType<typeof seed>>,
    said: string,
  ): readonly (readonly string[])[] {
    const named = Object.values(ids).flatMap((id) => [
      ['inspect', id, '--show-outcome'],
      ['inspect', id, '--show-outcome', '--json'],
    ]);
    const audit = ['--yes', `--actor=${said}`, `--reason=${said}`];
    return [
      ...named,
      ['list'],
      ['list', '--json'],
      ['audit'],
      ['audit', '--json'],
      ['settle', ids.open, `--error=${said}`, `--code=${said}`, ...audit],
      ['forget', ids.open, '--json', ...audit],
      ['audit', '--json'],
      ['audit'],
      ['inspect', ids.value, `--prefix=x${said}`, '--json'],
      ['inspect', `x${said}`],
      [`x${said}`],
      ['inspect', `--x${said}`],
      ['list', `--state=x${said}`],
      ['list', `--limit=x${said}`],
      ['settle', ids.value, `--value=x${said}`],
      ['settle', ids.value, `--value={"$date":${JSON.stringify(said)}}`],
      ['settle', ids.value, '--value-file', `/nowhere/${said}`],
      [
        'inspect',
        '--key',
        'k',
        '--operation',
        'm',
        '--scope',
        's',
        `--digest-secret-file=/${said}`,
      ],
      ['inspect', ids.value, '--key', `-${said}`],
    ];
  }

  async function run(said: string): Promise<{ shapes: unknown[]; written: Written[] }> {
    const ids = await seed(said);
    const written: Written[] = [];
    for (const args of commandsOn(ids, said)) written.push(await cli(...args));
    return { shapes: written.map(shapeOf), written };
  }

  it('a record, a step, an audit line or an argument, in any command', async () => {
    const { shapes } = await run('ops');
    const { seed: first, numRuns } = fuzzing(12);
    await fc.assert(
      fc.asyncProperty(hostile, async (said) => {
        const { written, shapes: found } = await run(said);
        expectVisible(written.flatMap(({ all }) => all));
        expect(found).toEqual(shapes);
      }),
      { seed: first, numRuns },
    );
  });

  it('an audit entry that claims another time, or has one that no calendar has', async () => {
    await redis.client.xadd(`${PREFIX}audit`, '1000-1', 'at', '1999-01-01', '__proto__', 'kept');
    await redis.client.xadd(`${PREFIX}audit`, '99999999999999999-1', 'actor', 'ops');
    const { out } = await cli('audit', '--json');
    expect(out.map((line) => JSON.parse(line) as Record<string, string>)).toEqual([
      { actor: 'ops', at: '100000000000000000 ms' },
      Object.fromEntries([
        ['at', '1970-01-01T00:00:01.000Z'],
        ['__proto__', 'kept'],
      ]),
    ]);
  });

  it('an error of Redis that repeats a name', async () => {
    const name = 'oper\u001b[2J\u009b\u202eator';
    await redis.client.call('acl', 'setuser', name, 'on', '>pw', '~*', '-@all', '+hello', '+info');
    const { href } = Object.assign(new URL(redis.url), { username: name, password: 'pw' });
    for (const args of [['list'], ['doctor'], ['doctor', '--json'], ['audit']]) {
      const { all, code } = await runCliHere(args, href);
      expect([code > 0, all.join('')]).toEqual([true, expect.stringMatching(/oper|permission/)]);
      expectVisible(all);
    }
  });

  it('a server that lies about its version', async () => {
    const proxy = createServer((socket) => {
      const upstream = connect(redis.port, '127.0.0.1');
      socket.pipe(upstream).on('data', (bytes: Buffer) => {
        const said = bytes.toString('latin1');
        const lie = said.replace(/(redis_version:)(.{6})/, '$1\u001b[2J\u00c2\u009b');
        socket.write(Buffer.from(lie, 'latin1'));
      });
      for (const end of [socket, upstream]) {
        end.on('error', () => undefined).on('close', () => (socket.destroy(), upstream.destroy()));
      }
    });
    proxy.listen(0, '127.0.0.1');
    await once(proxy, 'listening');
    const url = `redis://127.0.0.1:${String((proxy.address() as AddressInfo).port)}`;
    const [shown, program] = [
      await runCliHere(['doctor'], url),
      await runCliHere(['doctor', '--json'], url),
    ];
    proxy.close();
    expectVisible([...shown.all, ...program.all]);
    expect(shown.out.join('\n')).toContain(String.raw`Redis \u{1b}[2J\u{9b}`);
    expect(program.out.join('\n')).toContain(String.raw`Redis \u001b[2J\u009b`);
  });
});
