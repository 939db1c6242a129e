import fc from 'fast-check';
import { damage } from './damage.js';
import { checksum, type Content } from './record-model.js';

/** Two of each, so that requests and records often agree. */
export const FINGERPRINTS = ['F'.repeat(43), 'f'.repeat(43)] as const;
export const OWNERS = ['O'.repeat(22), 'o'.repeat(22)] as const;

const fingerprint = fc.constantFrom(...FINGERPRINTS);
const keptFingerprint = fingerprint.map((text) => text.slice(0, 22));
const owner = fc.constantFrom(...OWNERS);
const bytes = fc.uint8Array({ maxLength: 120 }).map((data) => Buffer.from(data).toString('latin1'));

/** Long ago, or in a long time; never while the test runs. */
const leaseEnd = fc.constantFrom('1000000000000', '1700000000000', '32503680000000');

const step = fc
  .record({
    state: fc.constantFrom('S', 'V', 'U'),
    name: fc.constantFrom('a', 'charge', '\u00c3\u00a9'),
    value: fc.constantFrom('', 'x', '\u0001\u0000\u00ff'),
  })
  .map(({ state, name, value }) => {
    const lengths = String(name.length).padStart(4, '0') + String(value.length).padStart(8, '0');
    return state + lengths + name + value;
  });

/** Each column, with how many characters it has, and what stands there in a record that is sound. */
const COLUMNS: readonly (readonly [length: number, sound: fc.Arbitrary<string>])[] = [
  [1, fc.constant('1')],
  [1, fc.constantFrom('P', 'K', 'W')],
  [16, fc.constantFrom('1', '1700000000000000', '8999999999999000')],
  [16, leaseEnd],
  [16, fc.constantFrom('1', '30000', '3600000')],
  [2, fc.constantFrom('1', '2', '98', '99')],
  [1, fc.constantFrom('J', 'R', 'C')],
  [1, fc.constantFrom('N', 'L', 'R')],
  [1, fc.constantFrom('0', '1')],
  [22, keptFingerprint],
  [22, owner],
  [22, owner],
];

/** What is easily taken for a number, or for nothing. */
const tricky = fc.constantFrom(
  ...['', '0', '1', '2', '-1', '-0', '1.5', '1e3', '0x10', ' 1', '1 ', '1\n', '+1', 'S', 'x'],
  ...['99', '999999999999', 'nan', 'inf', '--', '9000000000000000', '8999999999999000'],
  ...['9007199254740991', '9007199254740992', '9'.repeat(16), '9'.repeat(30), '\u00b2'],
);

/** The columns of a claim, of which some may say something else, and may be too short or too long. */
const columns = fc
  .tuple(
    fc.tuple(...COLUMNS.map(([, sound]) => sound)),
    fc.array(fc.tuple(fc.nat(COLUMNS.length - 1), fc.oneof(tricky, bytes), fc.boolean()), {
      maxLength: 2,
    }),
  )
  .map(([sound, edits]) => {
    const texts = sound.map((text, at) => text.padStart(COLUMNS[at]?.[0] ?? 0, '0'));
    for (const [at, text, fits] of edits) {
      const length = COLUMNS[at]?.[0] ?? 0;
      texts[at] = fits ? text.slice(0, length).padStart(length, '0') : text;
    }
    return texts.join('');
  });

const claims = fc
  .tuple(columns, fc.array(step, { maxLength: 3 }), fc.oneof(fc.constant(''), bytes))
  .map(([head, steps, rest]) => head + steps.join('') + rest);

const damagedClaims = fc
  .tuple(claims, damage)
  .map(([text, damaged]) => damaged(Buffer.from(text, 'latin1')).toString('latin1'));

const packed = fc
  .record({
    status: fc.constantFrom('V', 'E', 'R', 'U', 'F'),
    attempt: fc.constantFrom(0, 1, 2, 99, 100, 255),
    fence: fc.constantFrom(0n, 7n, 1_700_000_000_000_000n, 9_000_000_000_000_000n, 2n ** 56n - 1n),
    own: owner.map((text) => text.slice(0, 4)),
    fp: keptFingerprint,
    payload: fc.constantFrom('', 'x', '\u0001\u0000\u00ff'),
  })
  .map(({ status, attempt, fence, own, fp, payload }) => {
    const columns = `1${status}${String.fromCharCode(attempt)}${sevenBytes(fence)}${own}${fp}`;
    return columns + checksum(columns) + payload;
  });

function sevenBytes(value: bigint): string {
  return Buffer.from(value.toString(16).padStart(14, '0'), 'hex').toString('latin1');
}

const damagedPacked = fc
  .tuple(packed, damage)
  .map(([text, damaged]) => damaged(Buffer.from(text, 'latin1')).toString('latin1'));

/** Records, damaged records, and what other programs keep. */
export const contents: fc.Arbitrary<Content> = fc.oneof(
  {
    weight: 10,
    arbitrary: fc
      .oneof(
        { weight: 5, arbitrary: claims },
        { weight: 4, arbitrary: packed },
        damagedClaims,
        damagedPacked,
        bytes,
      )
      .map((text): Content => ({ kind: 'string', text })),
  },
  {
    weight: 1,
    arbitrary: fc
      .record({ kind: fc.constantFrom('list', 'set', 'zset', 'stream', 'hash'), item: bytes })
      .map(({ kind, item }): Content => ({ kind, item })),
  },
);
