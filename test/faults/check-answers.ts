import { violation } from './check-ledger.js';
import type { CheckRules, RecordView, Violation } from './checker.js';
import type { HistoryEntry, Receipt } from './history.js';
import { echoOf, UNKNOWN_AFTER_CRASH } from './record.js';

type Answered = HistoryEntry & { readonly receipt: Receipt };

/** Codes that deny a result, or that there ever was one. */
const DENIALS = new Set(['IDEMPOTENCY_OUTCOME_UNKNOWN', 'IDEMPOTENCY_RESULT_UNAVAILABLE']);
const UNKNOWN = 'IDEMPOTENCY_OUTCOME_UNKNOWN';
const MISMATCH = 'IDEMPOTENCY_KEY_PARAMETER_MISMATCH';

/** Checks the answers to the clients of one record: I2, I3, I4, I6 and I9. */
export function checkAnswers(view: RecordView, rules: CheckRules): readonly Violation[] {
  const answers = view.entries.filter((entry): entry is Answered => entry.receipt !== undefined);
  return [
    ...ownValue(view, answers),
    ...sameAnswer(view, answers, rules),
    ...acknowledgedKept(view, answers, rules),
    ...backedByEffect(view, answers),
    ...storedAtOnce(view, answers, rules),
    ...settled(view, answers, rules),
  ];
}

/** I4: a result belongs to the scope, operation, key and arguments that were asked for. */
function ownValue(view: RecordView, answers: readonly Answered[]): readonly Violation[] {
  return answers
    .filter(({ receipt, amount }) => receipt.echo !== echoOf(view.identity, amount))
    .map(() => violation(view, 'I4', 'an answer that belongs to another request'));
}

/** I2: all answers are equal. */
function sameAnswer(
  view: RecordView,
  answers: readonly Answered[],
  { forgets }: CheckRules,
): readonly Violation[] {
  const charges = new Set(answers.map(({ receipt }) => receipt.charge));
  if (charges.size > 1) {
    return [violation(view, 'I2', `answers with ${String(charges.size)} different charges`)];
  }
  // An answer that was not stored may be followed by another attempt's, about the same charge.
  if (forgets) return [];
  const stored = answers.filter(({ notStored }) => !notStored);
  if (new Set(stored.map(({ receipt }) => receipt.seal)).size > 1) {
    return [violation(view, 'I2', 'answers that were made of several results')];
  }
  const attempts = new Set(stored.map(({ receipt }) => receipt.attempt));
  if (attempts.size <= 1) return [];
  return [violation(view, 'I2', `answers of ${String(attempts.size)} different attempts`)];
}

/** I3: a request that is sent after a stored answer was given is not told that there is none. */
function acknowledgedKept(
  view: RecordView,
  answers: readonly Answered[],
  rules: CheckRules,
): readonly Violation[] {
  const stored = answers.filter(({ notStored }) => !notStored);
  if (stored.length === 0 || rules.forgets) return [];
  const knownAt = Math.min(...stored.map(({ returnedAt }) => returnedAt));
  const amount = stored[0]?.amount;
  return view.entries
    .filter((entry) => entry.invokedAt > knownAt && entry.amount === amount)
    .filter((entry) => DENIALS.has(entry.code) || entry.code === MISMATCH)
    .filter((entry) => !isHeldByMisuse(entry, view, answers, rules))
    .map(({ code }) => violation(view, 'I3', `${code} after an acknowledged answer`));
}

/** I6: an answer stands for effects that happened, and each step's part for that step's effect. */
function backedByEffect(view: RecordView, answers: readonly Answered[]): readonly Violation[] {
  const charges = new Set(
    view.lines
      .filter(({ kind }) => kind === 'effect')
      .map(({ step, chargeId }) => (step === '' ? chargeId : `${step}:${chargeId}`)),
  );
  return answers
    .filter(({ receipt }) => !isBacked(view, receipt, charges))
    .map(() => violation(view, 'I6', 'an answer without its effects'));
}

function isBacked(
  { identity }: RecordView,
  { charge }: Receipt,
  charges: ReadonlySet<string>,
): boolean {
  const parts = charge.split(',');
  const steps = parts.map((part) => part.split(':')[0]).join('');
  return (
    (identity.operation !== 'stepped' || steps === '12345') &&
    parts.every((part) => charges.has(part))
  );
}

/** I9: results are stored with their answers, unless Redis was out of reach. */
function storedAtOnce(
  view: RecordView,
  answers: readonly Answered[],
  rules: CheckRules,
): readonly Violation[] {
  if (rules.notStored || answers.every(({ notStored }) => !notStored)) return [];
  return [violation(view, 'I9', 'a result that Redis was there for and did not store')];
}

/** I9: when the faults have stopped, a record has an answer or says honestly that it has none. */
function settled(
  view: RecordView,
  answers: readonly Answered[],
  rules: CheckRules,
): readonly Violation[] {
  const mayBeUnknown = rules.unknown && UNKNOWN_AFTER_CRASH.has(view.identity.operation);
  return view.entries
    .filter(({ final, code }) => final && code !== 'OK' && !(mayBeUnknown && code === UNKNOWN))
    .filter((entry) => !isHeldByMisuse(entry, view, answers, rules))
    .map(({ code }) => violation(view, 'I9', `${code} after the faults had stopped`));
}

/** Whether a refusal may be due to the claim of a request with other arguments, which died. */
function isHeldByMisuse(
  { code, invokedAt }: HistoryEntry,
  { entries }: RecordView,
  [answered]: readonly Answered[],
  { emptied = false }: CheckRules,
): boolean {
  return (
    emptied &&
    code === MISMATCH &&
    answered !== undefined &&
    entries.some(
      (before) =>
        before.code === 'NO_ANSWER' &&
        before.amount !== answered.amount &&
        before.invokedAt < invokedAt,
    )
  );
}
