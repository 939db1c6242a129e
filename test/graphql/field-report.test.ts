import type { Answer } from '../../src/core/engine/request.js';
import type { StoredOutcome } from '../../src/core/record/record.js';
import { reportOf } from '../../src/graphql/operation/field-report.js';

const outcome: StoredOutcome = {
  status: 'value',
  payload: new Uint8Array(),
  attempt: 1,
  fence: 1,
  expiresAtMs: 1_764_208_800_000,
};
const answers: readonly Answer[] = [
  { kind: 'executed', recovered: false, stored: false, outcome },
  { kind: 'replayed', waited: true, stored: false, outcome },
];

it.each(answers)('a report says that the outcome is not stored yet: $kind', (answer) => {
  expect(reportOf(answer, undefined)).toMatchObject({ status: answer.kind, stored: false });
  const stored = reportOf({ ...answer, stored: true }, undefined);
  expect(stored).not.toHaveProperty('stored');
  expect(stored.expiresAt).toBe('2025-11-27T02:00:00.000Z');
});
