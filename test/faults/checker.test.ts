import { check, UNNOTICED, type CheckRules, type Invariant } from './checker.js';
import type { HistoryEntry, LedgerLine, Receipt } from './history.js';
import { echoOf, type Operation } from './record.js';

const AMOUNT = 7;
const LENIENT: CheckRules = { unknown: true, reruns: true, notStored: true, forgets: false };

function identityOf(operation: Operation = 'hold') {
  return { scope: 'alice', operation, key: 'k' };
}

function line(overrides: Partial<LedgerLine> = {}): LedgerLine {
  const identity = identityOf(overrides.operation);
  return {
    ...identity,
    kind: 'effect',
    step: '',
    echo: echoOf(identity, AMOUNT),
    chargeId: 'charge-1',
    attempt: 1,
    fence: 100,
    worker: 1,
    applied: true,
    ...overrides,
  };
}

function receipt(overrides: Partial<Receipt> = {}): Receipt {
  return { charge: 'charge-1', echo: echoOf(identityOf(), AMOUNT), attempt: 1, ...overrides };
}

function entry(overrides: Partial<HistoryEntry> = {}): HistoryEntry {
  return {
    ...identityOf(),
    amount: AMOUNT,
    invokedAt: 1,
    returnedAt: 2,
    code: 'OK',
    receipt: receipt(),
    notStored: false,
    replayed: false,
    final: false,
    ...overrides,
  };
}

function refusal(code: string, overrides: Partial<HistoryEntry> = {}): HistoryEntry {
  return entry({ code, receipt: undefined, invokedAt: 3, returnedAt: 4, ...overrides });
}

function found(
  history: readonly HistoryEntry[],
  ledger: readonly LedgerLine[],
  rules: CheckRules = LENIENT,
): Invariant[] {
  return check(history, ledger, rules).map(({ invariant }) => invariant);
}

test('an execution and its replays violate nothing', () => {
  const replayed = { replayed: true, invokedAt: 3, returnedAt: 4 };
  const history = [entry(), entry(replayed), entry({ ...replayed, final: true })];
  expect(found(history, [line()], UNNOTICED)).toEqual([]);
});

test('a takeover whose effect the provider recognised violates nothing', () => {
  const second = { attempt: 2, fence: 200, worker: 2, applied: false };
  const ledger = [line({ operation: 'rerun' }), line({ operation: 'rerun', ...second })];
  const echo = echoOf(identityOf('rerun'), AMOUNT);
  const answered = entry({ operation: 'rerun', receipt: receipt({ echo, attempt: 2 }) });
  expect(found([answered], ledger)).toEqual([]);
});

test('I1: a second applied effect', () => {
  const ledger = [line(), line({ attempt: 2, fence: 200, worker: 2 })];
  expect(found([entry()], ledger)).toEqual(['I1']);
});

test('I1: a second attempt although nobody had failed', () => {
  const ledger = [line(), line({ attempt: 2, fence: 200, worker: 2, applied: false })];
  expect(found([entry()], ledger, UNNOTICED)).toEqual(['I1']);
});

test('I2: answers with different charges', () => {
  const other = entry({ receipt: receipt({ charge: 'charge-2' }) });
  const ledger = [line(), line({ chargeId: 'charge-2', applied: false })];
  expect(found([entry(), other], ledger)).toEqual(['I2']);
});

test('I2: stored answers of different attempts', () => {
  const ledger = [line(), line({ attempt: 2, fence: 200, worker: 2, applied: false })];
  const second = entry({ receipt: receipt({ attempt: 2 }) });
  expect(found([entry(), second], ledger)).toEqual(['I2']);
  // One of them was never stored: its client was told so.
  expect(found([entry({ notStored: true }), second], ledger)).toEqual([]);
});

test('I3, I9: a refusal of the right arguments, unless others may have claimed a forgotten record', () => {
  const misuse = refusal('NO_ANSWER', { amount: AMOUNT + 1 });
  const late = { invokedAt: 5, returnedAt: 6, final: true };
  const history = [entry(), misuse, refusal('IDEMPOTENCY_KEY_PARAMETER_MISMATCH', late)];
  const emptied: CheckRules = { ...LENIENT, emptied: true };
  expect(found(history, [line()])).toEqual(['I3', 'I9']);
  expect(found(history, [line()], emptied)).toEqual([]);
  const [answered, , refused] = history;
  for (const harmless of [entry({ amount: AMOUNT }), { ...misuse, invokedAt: 6 }]) {
    const others = [answered, harmless, refused].filter((each) => each !== undefined);
    expect(found(others, [line()], emptied)).toEqual(['I3', 'I9']);
  }
});

test('I3: an acknowledged answer that is denied afterwards', () => {
  const denied = refusal('IDEMPOTENCY_OUTCOME_UNKNOWN');
  expect(found([entry(), denied], [line()])).toEqual(['I3']);
  // Asked before the answer was given.
  expect(found([entry(), { ...denied, invokedAt: 1 }], [line()])).toEqual([]);
});

test("I4: somebody else's value", () => {
  const echo = echoOf({ ...identityOf(), scope: 'bob' }, AMOUNT);
  expect(found([entry({ receipt: receipt({ echo }) })], [line()])).toEqual(['I4']);
});

test('I4: the value of other arguments', () => {
  expect(found([entry({ amount: AMOUNT + 1 })], [line()])).toEqual(['I4']);
});

test('I5: a fence that does not grow', () => {
  const ledger = [line(), line({ attempt: 2, fence: 100, worker: 2, applied: false })];
  expect(found([entry()], ledger)).toEqual(['I5']);
});

test('I5: two owners of one attempt', () => {
  const ledger = [line(), line({ fence: 200, worker: 2, applied: false })];
  expect(found([entry()], ledger)).toEqual(['I5']);
});

test('I5: an attempt that gave up its claim leaves its number to the next', () => {
  const ledger = [
    line(),
    line({ kind: 'released' }),
    line({ fence: 200, worker: 2, applied: false }),
  ];
  expect(found([], ledger)).toEqual([]);
  const third = line({ fence: 300, worker: 3, applied: false });
  expect(found([], [...ledger, third])).toEqual(['I5']);
});

test('I5: an attempt that gave up its claim leaves the numbers of those before it, too', () => {
  const ledger = [
    line({ attempt: 2, fence: 200, worker: 2, applied: false }),
    line({ kind: 'released', attempt: 3, fence: 300, worker: 3, applied: false }),
    line({ fence: 400, worker: 4 }),
  ];
  expect(found([], ledger)).toEqual([]);
  const second = line({ attempt: 2, fence: 350, worker: 5, applied: false });
  expect(found([], [...ledger, second])).toEqual(['I5']);
});

test('I6: an answer without an effect', () => {
  expect(found([entry()], [])).toEqual(['I6']);
});

describe('with steps', () => {
  const stepped = { operation: 'stepped' } as const;
  const echo = echoOf(identityOf('stepped'), AMOUNT);
  const steps = ['1', '2', '3', '4', '5'];
  const ledger = steps.map((step) => line({ ...stepped, step, chargeId: `charge-${step}` }));
  const charge = steps.map((step) => `${step}:charge-${step}`).join();

  test('five steps and their answer violate nothing', () => {
    expect(found([entry({ ...stepped, receipt: receipt({ echo, charge }) })], ledger)).toEqual([]);
  });

  test('I6: an answer made of the wrong steps', () => {
    const mixed = charge.replace('1:charge-1', '2:charge-2');
    const answered = entry({ ...stepped, receipt: receipt({ echo, charge: mixed }) });
    expect(found([answered], ledger)).toEqual(['I6']);
  });

  test('I8: a recorded step that runs again', () => {
    const recorded = line({ ...stepped, kind: 'recorded', step: '1', applied: false });
    const later = { attempt: 2, fence: 200, worker: 2, applied: false };
    const again = line({ ...stepped, step: '1', chargeId: 'charge-1', ...later });
    expect(found([], [...ledger, recorded, again])).toEqual(['I8']);
  });

  test('an owner that has lost the record may have been on its way into a step', () => {
    const successor = { attempt: 2, fence: 200, worker: 2 };
    const recorded = line({
      ...stepped,
      ...successor,
      kind: 'recorded',
      step: '1',
      applied: false,
    });
    const effects = [line({ ...stepped, ...successor, step: '1' }), recorded];
    const late = line({ ...stepped, step: '1', applied: false });
    expect(found([], [...effects, late])).toEqual([]);
  });
});

test('I7: effects for two sets of arguments', () => {
  const echo = echoOf(identityOf(), AMOUNT + 1);
  expect(found([entry()], [line(), line({ echo, applied: false })])).toEqual(['I7']);
});

test('I9: a record that has not ended', () => {
  const history = [refusal('IDEMPOTENCY_CONCURRENT_REQUEST', { final: true })];
  expect(found(history, [])).toEqual(['I9']);
});

test('I9: an unknown outcome is honest only where it was allowed, and only of `hold`', () => {
  const unknown = refusal('IDEMPOTENCY_OUTCOME_UNKNOWN', { final: true });
  expect(found([unknown], [])).toEqual([]);
  expect(found([unknown], [], UNNOTICED)).toEqual(['I9']);
  expect(found([{ ...unknown, operation: 'rerun' }], [])).toEqual(['I9']);
});

test('I9: a result that could have been stored', () => {
  expect(found([entry({ notStored: true })], [line()], UNNOTICED)).toEqual(['I9']);
});
