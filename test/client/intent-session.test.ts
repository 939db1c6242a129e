import { IntentSession, type IntentState } from '../../src/client/intent/intent-session.js';
import { storedIntents } from '../../src/client/intent/intent-storage.js';
import { Intents } from '../../src/client/intent/intents.js';
import { ManualClock } from '../support/manual-clock.js';

const OUTCOME = {
  data: { pay: 1 },
  extensions: { idempotency: { pay: { status: 'executed', attempt: 1 } } },
};
const REPLAY = {
  data: { pay: 1 },
  extensions: { idempotency: { pay: { status: 'replayed', attempt: 1 } } },
};

describe('the calls of a component', () => {
  let made: number;
  let session: IntentSession;
  let leave: () => void;

  beforeEach(() => {
    made = 0;
    session = new IntentSession(createIntents());
    leave = session.show();
  });

  const createIntents = (): Intents =>
    new Intents({
      generateKey: () => `key-${String((made += 1))}`,
      clock: new ManualClock(),
      doubleClickMs: 0,
      stored: storedIntents(undefined, ''),
    });

  const begin = (amount = 5): ReturnType<IntentSession['begin']> =>
    session.begin('Pay', { amount });

  it('end their intent with an outcome', () => {
    begin().settle(OUTCOME);
    expect(session.state()).toEqual({ unsettled: false, replayed: false });
    expect(begin().key).toBe('key-2');
  });

  it('keep it without one', () => {
    begin().settle({ errors: [{}] });
    expect(session.state()).toEqual({ unsettled: true, replayed: false });
    expect(begin().key).toBe('key-1');
  });

  it('take a complete answer for an outcome without a report only if they are told to', () => {
    const verdicts = [false, true].map((withoutReport) =>
      new IntentSession(createIntents(), withoutReport)
        .begin('Pay', {})
        .settle({ data: { pay: 1 } }),
    );
    expect(verdicts).toEqual([false, true]);
  });

  it('say that an answer was a replay, until the next call', () => {
    begin().settle(REPLAY);
    expect(session.state().replayed).toBe(true);
    begin();
    expect(session.state().replayed).toBe(false);
  });

  it('keep it if the component was not there to show the outcome', () => {
    const call = begin();
    leave();
    call.settle(OUTCOME);
    session.show();
    expect(session.state().unsettled).toBe(true);
    expect(begin().key).toBe('key-1');
  });

  it('end it if the component left because of the outcome', () => {
    const call = begin();
    call.witness();
    leave();
    call.settle(OUTCOME);
    session.show();
    expect(session.state().unsettled).toBe(false);
  });

  it('keep it if React has hidden and shown the component, and it left later', () => {
    leave();
    leave = session.show();
    const call = begin();
    leave();
    call.settle(OUTCOME);
    expect(session.state().unsettled).toBe(true);
  });

  it('keep it if a later call failed, which is what is seen', () => {
    const [first, second] = [begin(), begin()];
    second.settle({});
    first.settle(OUTCOME);
    expect(session.state().unsettled).toBe(true);
    expect(begin().key).toBe('key-1');
  });

  it('keep it if the answer comes after another intent was begun, and is not seen', () => {
    const first = begin(5);
    const other = begin(6);
    first.settle(OUTCOME);
    other.settle(OUTCOME);
    expect(session.state().unsettled).toBe(true);
    expect([begin(5).key, begin(6).key]).toEqual(['key-1', 'key-3']);
  });

  it('keep it if the component shows no answer any more', () => {
    const call = begin();
    session.dismiss();
    call.settle(REPLAY);
    expect(session.state()).toEqual({ unsettled: true, replayed: false });
    expect(begin().key).toBe('key-1');
  });

  it('end with an answer that came another way, if the component is there to show it', () => {
    const { key } = begin();
    leave();
    expect(session.settle(key, OUTCOME)).toBe(false);
    leave = session.show();
    expect(session.settle(key, { errors: [{}] })).toBe(false);
    expect(session.state().unsettled).toBe(true);
    expect(session.settle(key, REPLAY)).toBe(true);
    expect(session.state()).toEqual({ unsettled: false, replayed: false });
    expect(session.settle(key, REPLAY)).toBe(false);
    expect(begin().key).toBe('key-2');
  });

  it('tell who looks when such an answer has ended an intent, and end no other', () => {
    const [first, second] = [begin(5), begin(6)];
    let changes = 0;
    session.subscribe(() => (changes += 1));
    expect(session.settle('unknown', OUTCOME)).toBe(false);
    expect(session.settle(first.key, OUTCOME)).toBe(true);
    expect([changes, session.state().unsettled, begin(6).key]).toEqual([1, true, second.key]);
  });

  it('are forgotten when the caller starts over, and cannot end what comes then', () => {
    const call = begin();
    expect(session.startOver()).toEqual(['key-1']);
    expect(session.state().unsettled).toBe(false);
    const next = begin();
    call.settle(OUTCOME);
    expect([next.key, session.state().unsettled]).toEqual(['key-2', true]);
  });

  it('tell who listens, with one state until it changes', () => {
    const states: IntentState[] = [];
    const stop = session.subscribe(() => states.push(session.state()));
    const call = begin();
    expect(session.state()).toBe(session.state());
    call.settle(REPLAY);
    stop();
    begin();
    expect(states).toEqual([
      { unsettled: true, replayed: false },
      { unsettled: false, replayed: true },
    ]);
  });
});
