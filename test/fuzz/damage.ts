import fc from 'fast-check';

/** One thing that happens to bytes. Places are taken modulo their length. */
type Damage =
  | { readonly kind: 'flip'; readonly at: number; readonly bit: number }
  | { readonly kind: 'set'; readonly at: number; readonly byte: number }
  | { readonly kind: 'insert'; readonly at: number; readonly bytes: Uint8Array }
  | { readonly kind: 'remove'; readonly at: number; readonly count: number }
  | { readonly kind: 'repeat'; readonly at: number; readonly count: number }
  | { readonly kind: 'cut'; readonly at: number };

const at = fc.nat(10_000);
const count = fc.integer({ min: 1, max: 20 });
const damages: fc.Arbitrary<Damage> = fc.oneof(
  fc.record({ kind: fc.constant('flip' as const), at, bit: fc.nat(7) }),
  fc.record({
    kind: fc.constant('set' as const),
    at,
    byte: fc.oneof(fc.nat(24), fc.constantFrom(0x7f, 0x80, 0xff), fc.nat(255)),
  }),
  fc.record({
    kind: fc.constant('insert' as const),
    at,
    bytes: fc.oneof(
      fc.uint8Array({ minLength: 1, maxLength: 12 }),
      // The largest length that can be written, and one that cannot.
      fc.constantFrom(
        Uint8Array.of(0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x0f),
        new Uint8Array(12).fill(0xff),
      ),
    ),
  }),
  fc.record({ kind: fc.constant('remove' as const), at, count }),
  fc.record({ kind: fc.constant('repeat' as const), at, count }),
  fc.record({ kind: fc.constant('cut' as const), at }),
);

/** One to four things that happen to bytes one after the other. */
export const damage: fc.Arbitrary<(bytes: Uint8Array) => Buffer> = fc
  .array(damages, { minLength: 1, maxLength: 4 })
  .map((list) => (bytes) => list.reduce<Buffer>(damaged, Buffer.from(bytes)));

function damaged(bytes: Buffer, what: Damage): Buffer {
  const place = bytes.length === 0 ? 0 : what.at % bytes.length;
  const [before, after] = [bytes.subarray(0, place), bytes.subarray(place)];
  switch (what.kind) {
    case 'flip':
      return Buffer.concat([
        before,
        after.map((byte, i) => (i === 0 ? byte ^ (1 << what.bit) : byte)),
      ]);
    case 'set':
      return Buffer.concat([before, after.map((byte, i) => (i === 0 ? what.byte : byte))]);
    case 'insert':
      return Buffer.concat([before, what.bytes, after]);
    case 'remove':
      return Buffer.concat([before, after.subarray(what.count)]);
    case 'repeat':
      return Buffer.concat([before, after.subarray(0, what.count), after]);
    case 'cut':
      return Buffer.from(before);
  }
}
