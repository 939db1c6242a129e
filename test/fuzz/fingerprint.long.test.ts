import { ok, strictEqual } from 'node:assert/strict';
import fc from 'fast-check';
import { fingerprintOf, UncanonicalValueError } from '../../src/core/fingerprint.js';
import { fuzzing } from '../support/fuzz.js';
import { isComparable, meansTheSame } from './meaning.js';
import { altered, diceOf, objectOf, rewritten } from './variants.js';

const { timeoutMs, ...parameters } = fuzzing(15_000);

/** Few and alike, so that two of them often meet; some look like what the digest is made of. */
const leaves: readonly unknown[] = [
  ...[0, -0, 1, -1, 1.5, 1e21, 2 ** 53, 0n, 1n, -1n, 10n, null, true, false],
  ...['', '0', '1', '-0', 'a', 'b', 'ab', 'null', 'é', 'e\u0301', '\ufffd', '🙂', 'a\0'],
  ...['n1;', 's1:a', 'i1;', 'z', 't', '[]', '{}', '1:a', ';', 'd0;', 'bUint8Array:0:'],
  ...[new Date(0), new Date(1), new Date(-1)],
  ...[Buffer.alloc(0), Buffer.from('a'), new Uint8Array([97]), new Int8Array([97])],
  ...[
    new Uint16Array([97]),
    new Uint8Array([97, 0]),
    new ArrayBuffer(0),
    new DataView(new ArrayBuffer(1)),
  ],
];
/** Around the depth that is too deep, wherever it stands. */
const deep = [60, 61, 62, 63, 64, 65].map((levels) => {
  let value: unknown = 1;
  for (let level = 0; level < levels; level += 1) value = [value];
  return value;
});
class Money {
  amount = 5;
}
const incomparable: readonly unknown[] = [
  ...[NaN, Infinity, -Infinity, undefined, Symbol('s'), (): number => 1],
  ...['\ud800', 'a\udc00', '\udc00\ud800', new Date(NaN), new Array<number>(1)],
  ...[/x/, new Money(), new Number(1), Object.create({}) as unknown, ...deep],
];
const names = fc.oneof(
  fc.constantFrom('a', 'b', 'A', 'ab', '', '0', '1', '10', '2', 'é', 'e\u0301'),
  fc.constantFrom(
    '__proto__',
    'constructor',
    'toString',
    'length',
    'absent',
    '🙂',
    '\uffff',
    '\ud800',
  ),
);

const { value: values } = fc.letrec<{ value: unknown; leaf: unknown }>((tie) => ({
  leaf: fc.oneof(
    { weight: 40, arbitrary: fc.constantFrom(...leaves) },
    { weight: 4, arbitrary: fc.string({ unit: 'binary', maxLength: 5 }) },
    { weight: 4, arbitrary: fc.double() },
    { weight: 4, arbitrary: fc.bigInt() },
    { weight: 1, arbitrary: fc.constantFrom(...incomparable) },
  ),
  value: fc.oneof(
    { maxDepth: 4, depthSize: 'small' },
    { weight: 3, arbitrary: tie('leaf') },
    { weight: 1, arbitrary: fc.array(tie('value'), { maxLength: 4 }) },
    {
      weight: 2,
      arbitrary: fc
        .tuple(fc.array(fc.tuple(names, tie('value')), { maxLength: 4 }), fc.boolean())
        .map(([members, bare]) => objectOf(members, bare)),
    },
    {
      weight: 1,
      arbitrary: fc
        .array(fc.tuple(tie('value'), tie('value')), { maxLength: 3 })
        .map((entries) => new Map(entries)),
    },
    {
      weight: 1,
      arbitrary: fc.array(tie('value'), { maxLength: 3 }).map((items) => new Set(items)),
    },
  ),
}));

/** The fingerprint; `undefined` for the one error that there may be. */
function printed(value: unknown): string | undefined {
  try {
    return fingerprintOf(value);
  } catch (error) {
    ok(error instanceof UncanonicalValueError, String(error));
    return undefined;
  }
}

/** Holds the fingerprints of two values to what the values mean. */
function compare(one: unknown, two: unknown): void {
  const [printOne, printTwo] = [printed(one), printed(two)];
  strictEqual(printOne !== undefined, isComparable(one));
  strictEqual(printTwo !== undefined, isComparable(two));
  if (printOne === undefined || printTwo === undefined) return;
  strictEqual(printOne === printTwo, meansTheSame(one, two));
}

describe('the fingerprint, fuzzed', () => {
  it(
    'is the same for two values exactly when they mean the same',
    () => {
      fc.assert(fc.property(values, values, compare), parameters);
    },
    timeoutMs,
  );

  it(
    'is the same for a value that is written in another way',
    () => {
      fc.assert(
        fc.property(values, fc.nat(), (value, salt) => {
          const other = rewritten(value, diceOf(salt));
          strictEqual(printed(other), printed(value));
          compare(value, other);
        }),
        parameters,
      );
    },
    timeoutMs,
  );

  it(
    'differs for a value of which one part only looks the same',
    () => {
      fc.assert(
        fc.property(values, fc.nat(), (value, salt) => {
          const dice = diceOf(salt);
          compare(value, altered(rewritten(value, dice), dice));
        }),
        parameters,
      );
    },
    timeoutMs,
  );
});
