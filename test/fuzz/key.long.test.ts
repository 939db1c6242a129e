import { deepStrictEqual, ok, strictEqual } from 'node:assert/strict';
import fc from 'fast-check';
import { parseHeaderKey } from '../../src/core/record/header-key.js';
import { parseKey } from '../../src/core/record/key-syntax.js';
import { recordIdOf } from '../../src/core/record/key.js';
import { IdempotencyError } from '../../src/index.js';
import { fuzzing } from '../support/fuzz.js';

const { timeoutMs, ...parameters } = fuzzing(30_000);

const MESSAGE =
  'An idempotency key must be 1 to 255 visible ASCII characters, none of them " , ; or \\.';
const FORBIDDEN = new Set(['"', ',', ';', '\\']);

/** What the documentation says, one character after the other. */
function isKey(value: unknown): boolean {
  if (typeof value !== 'string' || value.length < 1 || value.length > 255) return false;
  for (let index = 0; index < value.length; index += 1) {
    const unit = value.charCodeAt(index);
    if (unit < 0x21 || unit > 0x7e || FORBIDDEN.has(value.charAt(index))) return false;
  }
  return true;
}

/** The key in a header's value without parameters, if there is one: bare, or between one pair of quotes. */
function keyInHeader(value: string): string | undefined {
  if (isKey(value)) return value;
  const inside = value.slice(1, -1);
  return `"${inside}"` === value && isKey(inside) ? inside : undefined;
}

const characters = (allowed: string, extra: object = {}): fc.Arbitrary<string> =>
  fc.string({ unit: fc.constantFrom(...Array.from(allowed)), maxLength: 8, ...extra });
const quotedText = characters('ab0 ,;=\\"').map((text) => `"${text.replace(/[\\"]/g, '\\$&')}"`);
const digits = characters('0123456789', { minLength: 1 });
const joined = (...parts: fc.Arbitrary<string>[]): fc.Arbitrary<string> =>
  fc.tuple(...parts).map((texts) => texts.join(''));

/** Parameters as RFC 9651 spells them, with values of every type. */
const rfcParameters = fc
  .array(
    joined(
      fc.constantFrom(';', '; ', ';   '),
      fc.constantFrom('a', '*', 'z'),
      characters('az09_-.*'),
      fc.oneof(
        fc.constantFrom('', '=?0', '=?1', '=*', '=:YQ==:', '=@-1', '=@17', '=%"a%c3%a9 b"'),
        joined(fc.constantFrom('=', '=-'), digits),
        joined(fc.constantFrom('=', '=-'), digits, fc.constantFrom('.1', '.12', '.123')),
        joined(fc.constantFrom('=a', '=Z', '=*'), characters("azAZ09:/!#$%&'*+-.^_`|~")),
        quotedText.map((text) => `=${text}`),
      ),
    ),
    { minLength: 1, maxLength: 4 },
  )
  .map((parts) => parts.join(''));
/** What may not follow a quoted key. */
const noParameters = fc.constantFrom(
  ...[
    ';',
    ' ;a',
    ';A',
    ';1',
    ';a=',
    ';a=-',
    ';a="',
    ';a=?2',
    ';a=:b',
    ';a=1.',
    ';a=1.2345',
    ';a=@',
  ],
  ...[
    ';a=1,b',
    ';a b',
    ';a="\\a"',
    ';a=é',
    ';a="\n"',
    ';a=%"%GG"',
    ';a=(1)',
    ';a=1234567890123456',
  ],
);

const ordinary = fc.string({
  unit: fc
    .integer({ min: 0x21, max: 0x7e })
    .map((unit) => String.fromCharCode(unit))
    .filter((character) => !FORBIDDEN.has(character)),
  minLength: 1,
  maxLength: 300,
  size: 'max',
});
const special = fc.constantFrom(
  ...['"', ',', ';', '\\', ' ', '\t', '\r\n', '\n', '\0', '\u007f', 'é', '\u200b', '🙂', '\ud800'],
);

/** Keys, what nearly is one, and everything else. */
const texts = fc.oneof(
  ordinary,
  ordinary.map((key) => `"${key}"`),
  fc.tuple(ordinary, special, fc.nat()).map(([key, character, place]) => {
    const at = place % (key.length + 1);
    return key.slice(0, at) + character + key.slice(at);
  }),
  fc.tuple(ordinary, special, special).map(([key, before, after]) => before + key + after),
  fc
    .constantFrom(254, 255, 256, 257)
    .chain((length) => fc.constantFrom('x'.repeat(length), `"${'x'.repeat(length)}"`)),
  fc.constantFrom('', '"', '""', '"""', '" "', '"a" ', ' "a"', '"a";B', '"a", "b"', '""a""'),
  fc.string({ unit: 'binary' }),
  fc.string({ unit: 'binary-ascii' }),
);

/** What `parse` gives; `undefined` for the one error that it may throw. */
function parsed(parse: () => string): string | undefined {
  try {
    return parse();
  } catch (error) {
    ok(error instanceof IdempotencyError);
    // One message for all of them: what was sent is not repeated.
    deepStrictEqual([error.code, error.message], ['IDEMPOTENCY_KEY_INVALID', MESSAGE]);
    return undefined;
  }
}

describe('the key parser, fuzzed', () => {
  it(
    'accepts exactly the documented set in a header, in two spellings',
    () => {
      fc.assert(
        fc.property(texts, (text) => {
          strictEqual(
            parsed(() => parseHeaderKey(text)),
            keyInHeader(text),
          );
          strictEqual(
            parsed(() => parseKey(text)),
            isKey(text) ? text : undefined,
          );
        }),
        parameters,
      );
    },
    timeoutMs,
  );

  it(
    'ignores well-formed parameters of a quoted key, and refuses everything else behind it',
    () => {
      fc.assert(
        fc.property(ordinary, rfcParameters, noParameters, (text, good, bad) => {
          const header = (rest: string): string | undefined =>
            parsed(() => parseHeaderKey(`"${text}"${rest}`));
          strictEqual(header(good), isKey(text) ? text : undefined);
          strictEqual(header(good + bad), undefined);
          strictEqual(
            parsed(() => parseHeaderKey(text + good)),
            undefined,
          );
        }),
        parameters,
      );
    },
    timeoutMs,
  );

  it(
    'accepts no other value than a string',
    () => {
      fc.assert(
        fc.property(
          fc.anything({ withObjectString: true, withBigInt: true, withDate: true }),
          (value) => {
            strictEqual(
              parsed(() => parseKey(value)),
              isKey(value) ? value : undefined,
            );
          },
        ),
        parameters,
      );
    },
    timeoutMs,
  );

  it(
    'gives one text that is cut into scope, operation and key at different places different records',
    () => {
      const cuts = fc.tuple(fc.nat(20), fc.nat(20)).map((pair) => pair.sort((a, b) => a - b));
      const text = fc.string({
        unit: fc.oneof(
          fc.constantFrom('1', '2', ':', '\0'),
          fc.string({ unit: 'binary', minLength: 1, maxLength: 1 }),
        ),
        maxLength: 20,
      });
      const idOf = (whole: string, [first = 0, second = 0]: readonly number[]): string[] => {
        const parts = [whole.slice(0, first), whole.slice(first, second), whole.slice(second)];
        const [scope = '', operation = '', key = ''] = parts;
        return [JSON.stringify(parts), recordIdOf(scope, operation, key)];
      };
      fc.assert(
        fc.property(text, cuts, cuts, (whole, one, two) => {
          const [partsOne, idOne] = idOf(whole, one);
          const [partsTwo, idTwo] = idOf(whole, two);
          strictEqual(idOne === idTwo, partsOne === partsTwo);
        }),
        parameters,
      );
    },
    timeoutMs,
  );
});
