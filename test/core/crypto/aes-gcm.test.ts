import { randomBytes } from 'node:crypto';
import fc from 'fast-check';
import { aesGcmCipher } from '../../../src/index.js';

const keys = { old: randomBytes(32), new: randomBytes(32).toString('base64') };
const cipher = aesGcmCipher({ keys, current: 'new' });
const bytes = (text: string): Uint8Array => Buffer.from(text);

describe('aesGcmCipher', () => {
  it('gives back what it sealed, in its context and in no other', () => {
    fc.assert(
      fc.property(fc.uint8Array(), fc.string(), fc.string(), (plaintext, context, other) => {
        const sealed = cipher.encrypt(plaintext, context) as Uint8Array;
        expect(Buffer.compare(cipher.decrypt(sealed, context) as Uint8Array, plaintext)).toBe(0);
        if (other === context) return;
        expect(() => cipher.decrypt(sealed, other)).toThrow('belongs to another record');
      }),
    );
  });

  it('seals the same differently each time, and shows nothing of it', () => {
    const [one, two] = [0, 1].map(() =>
      Buffer.from(cipher.encrypt(bytes('card 4242'), 'c') as Uint8Array),
    );
    expect(one?.equals(two ?? Buffer.alloc(0))).toBe(false);
    expect(one?.includes('4242')).toBe(false);
  });

  it('refuses what was changed, in whatever byte', () => {
    const sealed = Buffer.from(cipher.encrypt(bytes('paid'), 'c') as Uint8Array);
    for (let at = 0; at < sealed.length; at += 1) {
      for (const bit of [1, 0x80]) {
        const changed = Buffer.from(sealed);
        changed.writeUInt8(changed.readUInt8(at) ^ bit, at);
        expect(() => cipher.decrypt(changed, 'c')).toThrow();
      }
    }
    for (let length = 0; length < sealed.length; length += 1) {
      expect(() => cipher.decrypt(sealed.subarray(0, length), 'c')).toThrow();
    }
    expect(() => cipher.decrypt(Buffer.concat([sealed, bytes('x')]), 'c')).toThrow();
  });

  it('reads what an earlier key sealed, for as long as it has that', () => {
    const before = aesGcmCipher({ keys: { old: keys.old }, current: 'old' });
    const sealed = before.encrypt(bytes('paid'), 'c') as Uint8Array;
    expect(Buffer.from(cipher.decrypt(sealed, 'c') as Uint8Array).toString()).toBe('paid');
    const after = aesGcmCipher({ keys: { new: keys.new }, current: 'new' });
    expect(() => after.decrypt(sealed, 'c')).toThrow('sealed with the key "old"');
    const other = aesGcmCipher({ keys: { old: randomBytes(32) }, current: 'old' });
    expect(() => other.decrypt(sealed, 'c')).toThrow('was changed');
  });

  it('lists every problem with its keys, and repeats none of them', () => {
    const wrong = { 'a b': keys.old, short: 'c2VjcmV0', none: undefined as never };
    const open = (): unknown => aesGcmCipher({ keys: wrong, current: 'missing' });
    expect(open).toThrow(/"a b".*short.*none.*"missing"/s);
    expect(open).not.toThrow(/c2VjcmV0/);
    expect(() => aesGcmCipher({ keys: {}, current: 'toString' })).toThrow('"toString"');
    for (const keys of [undefined, null, 'key']) {
      const unset = (): unknown => aesGcmCipher({ keys: keys as never, current: 'one' });
      expect(unset).toThrow('aesGcmCipher: ');
    }
  });
});
