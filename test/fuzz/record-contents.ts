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
const leaseEnd = fc.constantFrom('0', '1', '2', '1000000000000', '32503680000000');

const claim = fc
  .record({
    fp: keptFingerprint,
    own: owner,
    f: fc.constantFrom('1', '1700000000000000', '8999999999999000'),
    n: fc.constantFrom('1', '2', '98', '99'),
    le: leaseEnd,
    ld: fc.constantFrom('1', '30000', '3600000'),
    pol: fc.constantFrom('reject', 'rerun', 'recover'),
    prev: fc.constantFrom('none', 'lapsed', 'released'),
    pown: fc.option(owner, { nil: undefined }),
    w: fc.option(fc.constant('1'), { nil: undefined }),
  })
  .map((fields) => ({ v: '1', ...fields }));

/** What is easily taken for a number, or for nothing. */
const tricky = fc.constantFrom(
  ...['', '0', '00', '1', '01', '2', '-1', '-0', '1.5', '1e3', '0x10', ' 1', '1 ', '1\n', '+1'],
  ...['99', '100', 'nan', 'inf', '--', '9000000000000000', '8999999999999000', '0'.repeat(17)],
  ...['9007199254740991', '9007199254740992', '9'.repeat(16), '9'.repeat(30), '\u00b2'],
);
const fieldName = fc.constantFrom(
  ...['v', 'fp', 'own', 'f', 'n', 'le', 'ld', 'pol', 'prev', 'pown', 'w', 's:a', 's:', 'x', ''],
);
const edits = fc.array(fc.tuple(fieldName, fc.oneof(fc.constant(undefined), tricky, bytes)), {
  maxLength: 3,
});

const claims = fc.tuple(claim, edits).map(([fields, changes]): Content => {
  const changed = new Map<string, string>();
  for (const [name, value] of [...Object.entries(fields), ...changes]) {
    if (value === undefined) changed.delete(name);
    else changed.set(name, value);
  }
  return { kind: 'hash', fields: changed };
});

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
  { weight: 6, arbitrary: claims },
  {
    weight: 4,
    arbitrary: fc
      .oneof({ weight: 4, arbitrary: packed }, damagedPacked, bytes)
      .map((text): Content => ({ kind: 'string', text })),
  },
  {
    weight: 1,
    arbitrary: fc
      .dictionary(fieldName, bytes, { noNullPrototype: true })
      .map((fields): Content => ({ kind: 'hash', fields: new Map(Object.entries(fields)) })),
  },
  {
    weight: 1,
    arbitrary: fc
      .record({ kind: fc.constantFrom('list', 'set', 'zset', 'stream'), item: bytes })
      .map(({ kind, item }): Content => ({ kind, item })),
  },
);
