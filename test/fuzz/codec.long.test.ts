import { deepStrictEqual, ok, strictEqual } from 'node:assert/strict';
import { types } from 'node:util';
import { crc32 } from 'node:zlib';
import fc from 'fast-check';
import {
  decodeValue,
  encodeValue,
  UnfaithfulValueError,
  UnreadableValueError,
  type Revival,
} from '../../src/core/codec.js';
import { fuzzing } from '../support/fuzz.js';
import { damage } from './damage.js';
import { graphs, leaves } from './graphs.js';
import { difference } from './isomorphism.js';

const { timeoutMs, ...parameters } = fuzzing(8_000);

const BYTES_MAX = 1_048_576;
const HEADER_BYTES = 9;

/** Brings everything back, whatever it is called: what cannot be revived is refused anyway. */
const revival: Revival = {
  createInstance: () => ({}),
  createTyped: () => ({}),
};

const encode = (value: unknown): Uint8Array => encodeValue(value, { bytesMax: BYTES_MAX });

/** Values of every kind that the codec keeps. */
const values = fc.oneof(
  graphs,
  leaves,
  fc.anything({
    withBigInt: true,
    withMap: true,
    withSet: true,
    withTypedArray: true,
    withNullPrototype: true,
    withDate: true,
    key: fc.string({ unit: 'binary' }),
  }),
);

class Row {
  [name: string]: unknown;
}

/** Payloads with every kind of mark in them. */
const payloads = fc
  .tuple(values, values, fc.constantFrom('', 'Card'), fc.nat())
  .map(([one, two, name, shape]) => {
    const typed: Record<string, unknown> = { one };
    const instance = Object.assign(new Row(), { two, typed });
    typed['self'] = typed;
    return encodeValue([typed, instance, typed], {
      bytesMax: BYTES_MAX,
      typeNames: new Map([[typed, name]]),
      classNameOf: (prototype) => (prototype === Row.prototype ? name : undefined),
      shape,
    });
  });

/** What the bytes say; `unreadable` for the one error that there may be. */
function decoded(payload: Uint8Array): { value: unknown } | 'unreadable' {
  try {
    return { value: decodeValue(payload, revival) };
  } catch (error) {
    ok(error instanceof UnreadableValueError, String(error));
    return 'unreadable';
  }
}

/** The bytes with a header that says they are all right. */
function sealed(body: Uint8Array): Buffer {
  const payload = Buffer.concat([Buffer.from([1, 0, 0, 0, 0, 0, 0, 0, 0]), body]);
  payload.writeUInt32LE(crc32(payload.subarray(5)), 1);
  return payload;
}

/** How much there is of a value: one for everything in it, and what text and bytes are long. */
function extent(value: unknown, seen = new Set<object>()): number {
  if (typeof value === 'string') return 1 + value.length;
  if (typeof value === 'bigint') return 1 + value.toString(16).length;
  if (typeof value !== 'object' || value === null || seen.has(value)) return 1;
  if (ArrayBuffer.isView(value) || types.isArrayBuffer(value)) return 1 + value.byteLength;
  seen.add(value);
  const parts = types.isMap(value)
    ? [...value].flat()
    : types.isSet(value)
      ? [...value]
      : Object.values(value);
  return parts.reduce<number>((sum, part) => sum + extent(part, seen), 1);
}

describe('the codec, fuzzed', () => {
  it(
    'gives back what it was given, shared objects and cycles included, and writes it alike again',
    () => {
      fc.assert(
        fc.property(values, (value) => {
          const payload = encode(value);
          const copy = decodeValue(payload, revival);
          strictEqual(difference(value, copy), undefined);
          deepStrictEqual(encode(copy), payload);
        }),
        parameters,
      );
    },
    timeoutMs,
  );

  it(
    'throws nothing but its own error at what it does not keep',
    () => {
      const strange = fc.constantFrom<unknown[]>(
        Symbol('s'),
        () => 1,
        /x/,
        new Error('e', { cause: Symbol('s') }),
        Promise.resolve(1),
        new WeakMap(),
        Object.create({}),
        new Proxy({}, {}),
        new Number(1),
      );
      fc.assert(
        fc.property(values, strange, fc.constantFrom(1, 10, 100, 1_000, BYTES_MAX), (...made) => {
          const [value, other, bytesMax] = made;
          try {
            const payload = encodeValue([value, new Map([[other, value]])], { bytesMax });
            ok(payload.length <= bytesMax);
          } catch (error) {
            ok(error instanceof UnfaithfulValueError, String(error));
          }
        }),
        parameters,
      );
    },
    timeoutMs,
  );

  it(
    'accepts no payload that differs from the one it wrote',
    () => {
      fc.assert(
        fc.property(payloads, damage, (payload, damaged) => {
          const bytes = damaged(payload);
          strictEqual(decoded(bytes) === 'unreadable', !bytes.equals(payload));
        }),
        parameters,
      );
    },
    timeoutMs,
  );

  it(
    'accepts no bytes that it did not write',
    () => {
      const bytes = fc.uint8Array({ maxLength: 200 });
      fc.assert(
        fc.property(
          fc.oneof(
            bytes,
            bytes.map((rest) => Buffer.from([1, ...rest])),
          ),
          (payload) => {
            strictEqual(decoded(payload), 'unreadable');
          },
        ),
        parameters,
      );
    },
    timeoutMs,
  );

  it(
    'makes no more of damaged bytes with the right checksum than there are of them',
    () => {
      const bodies = fc.oneof(
        fc
          .tuple(payloads, damage)
          .map(([payload, damaged]) => damaged(payload.subarray(HEADER_BYTES))),
        fc.uint8Array({ maxLength: 100 }),
        fc.array(fc.nat(24), { maxLength: 100 }).map((bytes) => Uint8Array.from(bytes)),
      );
      fc.assert(
        fc.property(bodies, (body) => {
          const found = decoded(sealed(body));
          if (found === 'unreadable') return;
          ok(extent(found.value) <= body.length);
          // Nothing is read beyond the end.
          strictEqual(decoded(sealed(body.subarray(0, -1))), 'unreadable');
        }),
        parameters,
      );
    },
    timeoutMs,
  );
});
