import fc from 'fast-check';
import {
  downstreamKeyOf,
  newOwner,
  operationOfRecord,
  recordIdOf,
} from '../../../src/core/record/key.js';
import { parseHeaderKey } from '../../../src/core/record/header-key.js';
import { parseKey } from '../../../src/core/record/key-syntax.js';
import { IdempotencyError } from '../../../src/index.js';

describe('a key (G5)', () => {
  const ordinary = (character: string): boolean =>
    character >= '!' && character <= '~' && !'",;\\'.includes(character);

  it('may be any 1 to 255 visible ASCII characters but four', () => {
    for (let unit = 0; unit < 0x1_0000; unit += 1) {
      const character = String.fromCharCode(unit);
      const accepted = ((): boolean => {
        try {
          return parseKey(`a${character}b`).length === 3;
        } catch (error) {
          if (!IdempotencyError.is(error)) throw error;
          return false;
        }
      })();
      if (accepted !== ordinary(character)) throw new Error(`0x${unit.toString(16)}`);
    }
    expect(parseKey('x'.repeat(255))).toHaveLength(255);
    expect(() => parseKey('x'.repeat(256))).toThrow(IdempotencyError);
    expect(() => parseKey('')).toThrow(IdempotencyError);
    expect(() => parseKey('a\n')).toThrow(IdempotencyError);
  });

  it('is a string and nothing else', () => {
    for (const value of [1, null, undefined, {}, ['a'], new String('a')]) {
      expect(() => parseKey(value)).toThrow(IdempotencyError);
    }
  });

  it('means the same in a header, bare or quoted, and never throws anything else', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        let key: string | undefined;
        try {
          key = parseHeaderKey(text);
        } catch (error) {
          expect((error as IdempotencyError).code).toBe('IDEMPOTENCY_KEY_INVALID');
        }
        if (key !== undefined) expect(parseHeaderKey(`"${key}"`)).toBe(key);
      }),
    );
    expect(parseHeaderKey('"k1"')).toBe('k1');
    expect(parseHeaderKey('"k1";a=1')).toBe('k1');
    for (const bad of [
      '"',
      '""',
      '"k1',
      'k1"',
      '"k1";A=1',
      'k1;a=1',
      '"a\\"b"',
      ' k1',
      'a, b',
      '"a", "b"',
    ]) {
      expect(() => parseHeaderKey(bad)).toThrow(IdempotencyError);
    }
  });
});

describe('a record id', () => {
  it('names the mutation, and tells which it was', () => {
    expect(recordIdOf('alice', 'Mutation.pay', 'k1')).toMatch(/^pay:[\w-]{32}$/);
    expect(recordIdOf('alice', 'Root.pay', 'k1')).toMatch(/^Root\.pay:[\w-]{32}$/);
    for (const operation of ['Mutation.pay', 'Mutation.Mutation', 'Root.pay', '_._']) {
      expect(operationOfRecord(recordIdOf('alice', operation, 'k1'))).toBe(operation);
    }
    for (const other of ['', 'ended', 'pay', 'pay:', `pay:${'x'.repeat(31)}`, 'x'.repeat(32)]) {
      expect(operationOfRecord(other)).toBeUndefined();
    }
  });

  it('differs wherever a part differs', () => {
    const seen = new Map<string, string>();
    fc.assert(
      fc.property(fc.string(), fc.string(), fc.string(), (scope, operation, key) => {
        const parts = JSON.stringify([scope, operation, key]);
        const id = recordIdOf(scope, operation, key);
        expect(seen.get(id) ?? parts).toBe(parts);
        seen.set(id, parts);
      }),
    );
  });

  it('does not depend on where one part ends and the next begins', () => {
    expect(recordIdOf('a', 'bc', 'd')).not.toBe(recordIdOf('ab', 'c', 'd'));
    expect(recordIdOf('1:a', '', '')).not.toBe(recordIdOf('', '1:a', ''));
  });

  it('tells scopes apart that UTF-8 would not', () => {
    expect(recordIdOf('\ud800', 'op', 'k')).not.toBe(recordIdOf('\ud801', 'op', 'k'));
  });
});

describe('a downstream key', () => {
  const keyOf = (label: string, length?: number): string =>
    downstreamKeyOf('alice', 'Mutation.pay', 'k1', label, length);

  it('is stable, differs by label, and reveals neither the key nor the record', () => {
    expect(keyOf('charge')).toBe(keyOf('charge'));
    expect(keyOf('charge')).not.toBe(keyOf('refund'));
    expect(keyOf('charge')).toMatch(/^[\w-]{43}$/);
    expect(recordIdOf('alice', 'Mutation.pay', 'k1')).not.toContain(keyOf('charge').slice(0, 16));
  });

  it('has the length that is asked for', () => {
    expect(keyOf('charge', 16)).toBe(keyOf('charge').slice(0, 16));
    for (const length of [15, 44, 20.5, NaN]) {
      expect(() => keyOf('charge', length)).toThrow(RangeError);
    }
    for (const label of ['', 'x'.repeat(256), 1 as unknown as string]) {
      expect(() => keyOf(label)).toThrow(RangeError);
    }
  });
});

it('an owner token is 22 base64url characters of what chance gives', () => {
  expect(newOwner((size) => new Uint8Array(size).fill(0xff))).toBe('_____________________w');
});
