import { check, UNNOTICED } from './checker.js';
import type { LedgerLine } from './history.js';
import { resultOf } from './scenario.js';
import { NO_COUNTS } from './worker-pool.js';

function effects(key: string, count: number): LedgerLine[] {
  return Array.from({ length: count }, (_, n) => ({
    ...({ scope: 'alice', operation: 'hold', key, step: '', echo: 'e', kind: 'effect' } as const),
    ...{ chargeId: `charge-${String(n)}`, attempt: 1, fence: 9, worker: 1, applied: true },
  }));
}

function resultWith(ledger: readonly LedgerLine[]) {
  const violations = check([], ledger, UNNOTICED);
  const counted = { requests: 1, records: 1, effects: ledger.length, unknown: 0 };
  return resultOf({ counts: NO_COUNTS, ...counted, violations, problems: [] });
}

test('a result has the history of each record with a violation, and of no other', () => {
  const { failures, histories } = resultWith([...effects('good', 1), ...effects('bad', 2)]);
  expect(failures).toEqual(['I1 alice/hold/bad: 2 applied effects']);
  expect(histories).toEqual([{ name: 'alice/hold/bad', entries: [], lines: effects('bad', 2) }]);
});

test('a bug that breaks every record does not fill the disk', () => {
  const { figures, failures, histories } = resultWith(
    Array.from({ length: 50 }, (_, n) => effects(`k${String(n)}`, 2)).flat(),
  );
  expect(figures.violations).toBe(50);
  expect(failures.at(-1)).toBe('and 30 more');
  expect(histories).toHaveLength(20);
});
