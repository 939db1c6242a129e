import * as fc from 'fast-check';
import { storedIntents, type IntentStorage } from '../../src/client/intent/intent-storage.js';
import { Intents, INTENTS_MAX } from '../../src/client/intent/intents.js';
import { ManualClock } from '../support/manual-clock.js';

const ORDER = { input: { amount: 5, to: 'bob' } };
const OTHER = { input: { amount: 6, to: 'bob' } };

describe('the intents of one place', () => {
  let clock: ManualClock;
  let made: number;
  let area: IntentStorage & { readonly entries: Map<string, string> };

  beforeEach(() => {
    clock = new ManualClock();
    made = 0;
    area = createArea();
  });

  function open(options: { stored?: boolean; name?: string } = {}): Intents {
    const { name = 'checkout' } = options;
    return new Intents({
      generateKey: () => `key-${String((made += 1))}`,
      clock,
      doubleClickMs: 500,
      stored: storedIntents(options.stored === true ? area : undefined, name),
    });
  }

  it('have one key for equal variables, in whatever order they are written', () => {
    const intents = open();
    const keys = [ORDER, { input: { to: 'bob', amount: 5 } }, structuredClone(ORDER)].map(
      (variables) => intents.hold('Pay', variables).key,
    );
    expect(keys).toEqual(['key-1', 'key-1', 'key-1']);
  });

  it('have one key for what is sent alike', () => {
    const intents = open();
    const at = new Date(0);
    const keys = [{ at }, { at: at.toISOString() }, { at, note: undefined }].map(
      (variables) => intents.hold('Pay', variables).key,
    );
    expect(keys).toEqual(['key-1', 'key-1', 'key-1']);
    expect(intents.hold('Pay', { at, note: null }).key).toBe('key-2');
  });

  it('have another key for other variables, and the first one again for the first', () => {
    const intents = open();
    const keys = [ORDER, OTHER, ORDER].map((order) => intents.hold('Pay', order).key);
    expect(keys).toEqual(['key-1', 'key-2', 'key-1']);
  });

  it('have another key for another operation', () => {
    const intents = open();
    expect(intents.hold('Pay', ORDER).key).not.toBe(intents.hold('Refund', ORDER).key);
  });

  it('keep their key until their outcome is known', () => {
    const intents = open();
    expect(intents.isUnsettled).toBe(false);
    const held = intents.hold('Pay', ORDER);
    expect(intents.isUnsettled).toBe(true);
    intents.settle(held);
    expect(intents.isUnsettled).toBe(false);
  });

  it('end with an outcome, but for the second click of a double click', async () => {
    const intents = open();
    intents.settle(intents.hold('Pay', ORDER));
    await clock.advance(499);
    const second = intents.hold('Pay', ORDER);
    expect(second.key).toBe('key-1');
    intents.settle(second);
    await clock.advance(500);
    expect(intents.hold('Pay', ORDER).key).toBe('key-2');
  });

  it('are two payments if 5, then 6, then 5 again is paid within a double click', () => {
    const intents = open();
    const keys = [ORDER, OTHER, ORDER].map((order) => {
      const held = intents.hold('Pay', order);
      intents.settle(held);
      return held.key;
    });
    expect(keys).toEqual(['key-1', 'key-2', 'key-1']);
  });

  it('are forgotten when the caller starts over', () => {
    const intents = open();
    intents.settle(intents.hold('Pay', OTHER));
    intents.hold('Pay', ORDER);
    expect(intents.forget()).toEqual(['key-2']);
    expect(intents.isUnsettled).toBe(false);
    expect(intents.hold('Pay', ORDER).key).toBe('key-3');
    expect(intents.hold('Pay', OTHER).key).toBe('key-4');
  });

  it('are never given up for another one: too many are refused', () => {
    const intents = open({ stored: true });
    for (let amount = 1; amount <= INTENTS_MAX; amount += 1) intents.hold('Pay', { amount });
    expect(() => intents.hold('Pay', { amount: 0 })).toThrow(
      `The outcomes of ${String(INTENTS_MAX)} intents are not known.`,
    );
    expect(intents.hold('Pay', { amount: 1 }).key).toBe('key-1');
    intents.settle(intents.hold('Pay', { amount: 2 }));
    expect(intents.hold('Pay', { amount: 0 }).key).toBe(`key-${String(INTENTS_MAX + 1)}`);
  });

  it('refuse a key that no server would take', () => {
    const intents = new Intents({
      generateKey: () => 'a b',
      clock,
      doubleClickMs: 500,
      stored: storedIntents(area, 'checkout'),
    });
    expect(() => intents.hold('Pay', ORDER)).toThrow(/ASCII/);
    expect([intents.isUnsettled, area.entries.size]).toEqual([false, 0]);
  });

  it('refuse variables that cannot be sent', () => {
    const circular: Record<string, unknown> = {};
    circular['self'] = circular;
    for (const variables of [circular, { amount: 5n }]) {
      expect(() => open().hold('Pay', variables)).toThrow(TypeError);
    }
  });

  it('give no new key before the caller was told an outcome, whatever happens', () => {
    const steps = fc.record({
      what: fc.constantFrom('fail', 'settle', 'reload', 'wait', 'startOver'),
      amount: fc.integer({ min: 1, max: 4 }),
      ms: fc.constantFrom(1, 499, 500),
    });
    fc.assert(
      fc.property(fc.array(steps, { maxLength: 60 }), (sequence) => {
        area.entries.clear();
        let intents = open({ stored: true });
        let now = 0;
        jest.spyOn(clock, 'now').mockImplementation(() => now);
        const expected = new Map<number, { key: string; settledAt?: number }>();
        for (const { what, amount, ms } of sequence) {
          if (what === 'reload') {
            intents = open({ stored: true });
            // Who has been told keeps no key.
            for (const [one, { settledAt }] of expected) {
              if (settledAt !== undefined) expected.delete(one);
            }
          } else if (what === 'wait') now += ms;
          else if (what === 'startOver') {
            intents.forget();
            expected.clear();
          } else {
            const held = intents.hold('Pay', { amount });
            const before = expected.get(amount);
            const isOver = before?.settledAt !== undefined && now - before.settledAt >= 500;
            if (before !== undefined && !isOver) expect(held.key).toBe(before.key);
            else expect(held.key).toBe(`key-${String(made)}`);
            expected.set(amount, { key: held.key });
            if (what !== 'settle') continue;
            intents.settle(held);
            expected.set(amount, { key: held.key, settledAt: now });
          }
          const open_ = [...expected.values()].some(({ settledAt }) => settledAt === undefined);
          expect(intents.isUnsettled).toBe(open_);
        }
      }),
    );
    jest.restoreAllMocks();
  });

  describe('in a storage', () => {
    it('go on after a reload, and are gone after their outcome', async () => {
      open({ stored: true }).hold('Pay', OTHER);
      open({ stored: true }).hold('Pay', ORDER);
      const again = open({ stored: true });
      expect(again.isUnsettled).toBe(true);
      const held = again.hold('Pay', ORDER);
      expect(held.key).toBe('key-2');
      again.settle(held);
      again.settle(again.hold('Pay', OTHER));
      expect(area.entries.size).toBe(0);
      await clock.advance(500);
      expect(open({ stored: true }).hold('Pay', ORDER).key).toBe('key-3');
    });

    it('are one for two components of a page', () => {
      const [one, two] = [open({ stored: true }), open({ stored: true })];
      const keys = [one, two].map((intents) => intents.hold('Pay', ORDER).key);
      expect(keys).toEqual(['key-1', 'key-1']);
    });

    it('go on in a component that came while the one before it waited, and has seen no answer', () => {
      const left = open({ stored: true });
      const held = left.hold('Pay', ORDER);
      const back = open({ stored: true });
      left.settle(held);
      expect(back.isUnsettled).toBe(true);
      expect(back.hold('Pay', ORDER).key).toBe('key-1');
    });

    it('go on in a component whose call failed after another one had its answer', () => {
      const [one, two] = [open({ stored: true }), open({ stored: true })];
      const answered = one.hold('Pay', ORDER);
      two.hold('Pay', ORDER);
      one.settle(answered);
      expect(area.entries.size).toBe(0);
      expect([one, two].map((intents) => intents.isUnsettled)).toEqual([false, true]);
      const again = two.hold('Pay', ORDER);
      expect(again.key).toBe('key-1');
      two.settle(again);
      expect([two.isUnsettled, area.entries.size]).toEqual([false, 0]);
    });

    it('go on if the storage is emptied', () => {
      const intents = open({ stored: true });
      const { key } = intents.hold('Pay', ORDER);
      area.entries.clear();
      expect(intents.hold('Pay', ORDER).key).toBe(key);
    });

    it('do not end those of another component', () => {
      const [one, two] = [open({ stored: true }), open({ stored: true })];
      const first = one.hold('Pay', ORDER);
      two.hold('Pay', OTHER);
      one.settle(first);
      expect([one, two].map((intents) => intents.isUnsettled)).toEqual([true, true]);
      expect(open({ stored: true }).hold('Pay', OTHER).key).toBe('key-2');
      two.forget();
      expect([one, two].map((intents) => intents.isUnsettled)).toEqual([false, false]);
    });

    it('say nothing of what was ordered', () => {
      open({ stored: true }).hold('Pay', { card: '4111111111111111' });
      const [text = ''] = area.entries.values();
      const digest = expect.stringMatching(/^[0-9a-f]{16}$/) as string;
      expect(JSON.parse(text)).toEqual([{ key: 'key-1', digest }]);
    });

    it.each([
      ['no JSON', '{'],
      ['null', 'null'],
      ['no list', '{"key":"k","digest":"x"}'],
      ['a list of nothing', '[null, 5, "k"]'],
      ['of another kind', '[{"key":1,"digest":"x"}]'],
      ['without a digest', '[{"key":"k"}]'],
      ['with a key that no server would take', '[{"key":"a b","digest":"x"}]'],
    ])('are new ones where what is stored is %s', (_, text) => {
      area.entries.set('checkout', text);
      const intents = open({ stored: true });
      expect(intents.isUnsettled).toBe(false);
      expect(intents.hold('Pay', ORDER).key).toBe('key-1');
    });

    it('live as long as the page where the storage does not work', () => {
      const refuse = (): never => {
        throw new Error('The quota is exceeded.');
      };
      area.setItem = refuse;
      const intents = open({ stored: true });
      const held = intents.hold('Pay', ORDER);
      expect(intents.hold('Pay', ORDER).key).toBe('key-1');
      expect(intents.isUnsettled).toBe(true);
      intents.settle(held);
      expect(intents.isUnsettled).toBe(false);
      Object.assign(area, { getItem: refuse, removeItem: refuse });
      const forbidden = open({ stored: true });
      expect(forbidden.isUnsettled).toBe(false);
      expect(forbidden.hold('Pay', ORDER).key).toBe(forbidden.hold('Pay', ORDER).key);
      forbidden.forget();
      expect(forbidden.isUnsettled).toBe(false);
    });

    it('keep their keys if one more does not fit', () => {
      const intents = open({ stored: true });
      intents.hold('Pay', ORDER);
      area.setItem = () => {
        throw new Error('The quota is exceeded.');
      };
      intents.hold('Pay', OTHER);
      expect(open({ stored: true }).hold('Pay', ORDER).key).toBe('key-1');
    });
  });
});

function createArea(): IntentStorage & { readonly entries: Map<string, string> } {
  const entries = new Map<string, string>();
  return {
    entries,
    getItem: (name) => entries.get(name) ?? null,
    setItem: (name, value) => void entries.set(name, value),
    removeItem: (name) => void entries.delete(name),
  };
}
