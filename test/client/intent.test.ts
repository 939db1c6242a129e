import { createIntent, type Intent, type IntentStorage } from '../../src/client/intent.js';
import { ManualClock } from '../support/manual-clock.js';

const ORDER = { input: { amount: 5, to: 'bob' } };
const OTHER = { input: { amount: 6, to: 'bob' } };

describe('an intent', () => {
  let clock: ManualClock;
  let made: number;
  let area: IntentStorage & { readonly entries: Map<string, string> };

  beforeEach(() => {
    clock = new ManualClock();
    made = 0;
    area = createArea();
  });

  function open(options: { stored?: boolean; operationName?: string } = {}): Intent {
    return createIntent({
      operationName: options.operationName ?? 'Pay',
      generateKey: () => `key-${String((made += 1))}`,
      clock,
      doubleClickMs: 500,
      storage: options.stored === true ? { area, name: 'checkout' } : undefined,
    });
  }

  it('has one key for equal variables, in whatever order they are written', () => {
    const intent = open();
    const keys = [
      intent.begin(ORDER),
      intent.begin({ input: { to: 'bob', amount: 5 } }),
      intent.begin(structuredClone(ORDER)),
    ].map(({ key }) => key);
    expect(keys).toEqual(['key-1', 'key-1', 'key-1']);
  });

  it('has another key for other variables, and does not go back', () => {
    const intent = open();
    expect([ORDER, OTHER, ORDER].map((order) => intent.begin(order).key)).toEqual([
      'key-1',
      'key-2',
      'key-3',
    ]);
  });

  it('keeps its key until its outcome is known', () => {
    const intent = open();
    expect(intent.isUnsettled()).toBe(false);
    const call = intent.begin(ORDER);
    expect(intent.isUnsettled()).toBe(true);
    call.settle();
    expect(intent.isUnsettled()).toBe(false);
  });

  it('ends with an outcome, but for the second click of a double click', async () => {
    const intent = open();
    intent.begin(ORDER).settle();
    await clock.advance(499);
    const second = intent.begin(ORDER);
    expect(second.key).toBe('key-1');
    second.settle();
    await clock.advance(500);
    expect(intent.begin(ORDER).key).toBe('key-2');
  });

  it('does not take other variables for the second click', () => {
    const intent = open();
    intent.begin(ORDER).settle();
    expect(intent.begin(OTHER).key).toBe('key-2');
  });

  it('goes on if the second click fails although the first had an outcome', async () => {
    const intent = open();
    const first = intent.begin(ORDER);
    intent.begin(ORDER);
    first.settle();
    await clock.advance(60_000);
    expect(intent.isUnsettled()).toBe(true);
    expect(intent.begin(ORDER).key).toBe('key-1');
  });

  it('is not ended by the late answer of the one before it', () => {
    const intent = open();
    const first = intent.begin(ORDER);
    const second = intent.begin(OTHER);
    first.settle();
    expect(intent.isUnsettled()).toBe(true);
    second.settle();
    expect(intent.isUnsettled()).toBe(false);
  });

  it('is forgotten when the caller starts over', () => {
    const intent = open();
    const call = intent.begin(ORDER);
    intent.startOver();
    expect(intent.isUnsettled()).toBe(false);
    expect(intent.begin(ORDER).key).toBe('key-2');
    call.settle();
    expect(intent.isUnsettled()).toBe(true);
    intent.startOver();
    intent.begin(ORDER).settle();
    intent.startOver();
    expect(intent.begin(ORDER).key).toBe('key-4');
  });

  it('tells who listens about its changes, until they stop', () => {
    const intent = open();
    const seen: boolean[] = [];
    const stop = intent.subscribe(() => seen.push(intent.isUnsettled()));
    intent.begin(ORDER).settle();
    stop();
    intent.begin(ORDER);
    expect(seen).toEqual([true, false]);
  });

  it('refuses a key that no server would take', () => {
    const intent = createIntent({
      operationName: 'Pay',
      generateKey: () => 'a b',
      clock,
      doubleClickMs: 0,
    });
    expect(() => intent.begin(ORDER)).toThrow('An idempotency key must be');
    expect(intent.isUnsettled()).toBe(false);
  });

  describe('that is stored', () => {
    it('goes on after a reload, until its outcome is known', async () => {
      open({ stored: true }).begin(ORDER);
      const reloaded = open({ stored: true });
      expect(reloaded.isUnsettled()).toBe(true);
      const call = reloaded.begin(ORDER);
      expect(call.key).toBe('key-1');
      call.settle();
      expect(area.entries.size).toBe(0);
      await clock.advance(500);
      expect(open({ stored: true }).begin(ORDER).key).toBe('key-2');
    });

    it('is another one for other variables, and for another operation', () => {
      open({ stored: true }).begin(ORDER);
      expect(open({ stored: true, operationName: 'Refund' }).begin(ORDER).key).toBe('key-2');
      expect(open({ stored: true }).begin(OTHER).key).toBe('key-3');
    });

    it('is one for two components of a page', () => {
      const [one, two] = [open({ stored: true }), open({ stored: true })];
      expect([one, two].map((intent) => intent.begin(ORDER).key)).toEqual(['key-1', 'key-1']);
    });

    it('goes on in a component that came while the one before it waited, and has seen no answer', () => {
      const left = open({ stored: true }).begin(ORDER);
      const back = open({ stored: true });
      expect(back.isUnsettled()).toBe(true);
      left.settle();
      expect(back.isUnsettled()).toBe(true);
      expect(back.begin(ORDER).key).toBe('key-1');
    });

    it('goes on in a component whose call failed after another one had its answer', () => {
      const [one, two] = [open({ stored: true }), open({ stored: true })];
      const answered = one.begin(ORDER);
      two.begin(ORDER);
      answered.settle();
      expect(area.entries.size).toBe(0);
      expect([one, two].map((intent) => intent.isUnsettled())).toEqual([false, true]);
      const again = two.begin(ORDER);
      expect(again.key).toBe('key-1');
      again.settle();
      expect(two.isUnsettled()).toBe(false);
      expect(area.entries.size).toBe(0);
    });

    it('goes on if the storage is emptied', () => {
      const intent = open({ stored: true });
      const call = intent.begin(ORDER);
      area.entries.clear();
      expect(intent.begin(ORDER).key).toBe(call.key);
    });

    it('does not end that of another component which has taken its place', () => {
      const [one, two] = [open({ stored: true }), open({ stored: true })];
      const first = one.begin(ORDER);
      two.begin(OTHER);
      first.settle();
      expect([one, two].map((intent) => intent.isUnsettled())).toEqual([true, true]);
      expect(two.begin(OTHER).key).toBe('key-2');
      expect(open({ stored: true }).begin(OTHER).key).toBe('key-2');
      two.startOver();
      expect([one, two].map((intent) => intent.isUnsettled())).toEqual([false, false]);
    });

    it('has its key again after another component has taken its place', () => {
      const [one, two] = [open({ stored: true }), open({ stored: true })];
      one.begin(ORDER);
      two.begin(OTHER);
      expect([one.begin(ORDER).key, two.begin(OTHER).key]).toEqual(['key-1', 'key-2']);
    });

    it('says nothing of what was ordered', () => {
      open({ stored: true }).begin({ card: '4111111111111111' });
      const [text = ''] = area.entries.values();
      expect(JSON.parse(text)).toEqual({
        key: 'key-1',
        digest: expect.stringMatching(/^[0-9a-f]{16}$/) as string,
      });
    });

    it.each([
      ['no JSON', '{'],
      ['null', 'null'],
      ['of another kind', '{"key":1,"digest":"x"}'],
      ['without a digest', '{"key":"k"}'],
      ['with a key that no server would take', '{"key":"a b","digest":"x"}'],
    ])('is a new one where what is stored is %s', (_, text) => {
      area.entries.set('checkout', text);
      const intent = open({ stored: true });
      expect(intent.isUnsettled()).toBe(false);
      expect(intent.begin(ORDER).key).toBe('key-1');
    });

    it('lives as long as the page where the storage does not work', () => {
      const refuse = (): never => {
        throw new Error('The quota is exceeded.');
      };
      area.setItem = refuse;
      const intent = open({ stored: true });
      const call = intent.begin(ORDER);
      expect(intent.begin(ORDER).key).toBe('key-1');
      expect(intent.isUnsettled()).toBe(true);
      call.settle();
      intent.begin(ORDER).settle();
      expect(intent.isUnsettled()).toBe(false);
      Object.assign(area, { getItem: refuse, removeItem: refuse });
      const forbidden = open({ stored: true });
      expect(forbidden.isUnsettled()).toBe(false);
      expect(forbidden.begin(ORDER).key).toBe(forbidden.begin(ORDER).key);
      forbidden.startOver();
      expect(forbidden.isUnsettled()).toBe(false);
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
