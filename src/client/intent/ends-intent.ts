import { idempotencyReports, type AnswerLike, type IdempotencyReport } from '../core/reports.js';

/** An error of an answer. */
export interface ShownError {
  /** The field that it belongs to, from the response key of a root field down. */
  readonly path?: readonly (string | number)[] | null | undefined;
}

/** An answer, as far as its caller was shown it. */
export interface ShownAnswer extends AnswerLike {
  /** The data, if they were shown. */
  readonly data?: unknown;
  /** The errors that were shown. */
  readonly errors?: readonly ShownError[] | null | undefined;
  /** Whether errors were kept from the caller, so that null may stand for one. */
  readonly hidesErrors?: boolean | undefined;
}

/** The rules by which an answer is judged. */
export interface EndingRules {
  /** The response keys of everything that the operation may select at its root. */
  readonly rootKeys?: Iterable<string> | undefined;
  /**
   * Whether an answer without errors in which every root field has a value ends an intent although
   * no report came with it: some gateways drop `extensions`.
   */
  readonly withoutReport?: boolean | undefined;
}

type Reports = Readonly<Record<string, IdempotencyReport>>;
type Data = Readonly<Record<string, unknown>>;

/**
 * Whether an answer ends its intent, so that the next call may have a new key.
 *
 * It does if the record holds what became of every marked mutation, and the caller was shown just
 * that: the result, or the error that the resolver threw on purpose. An error below the root, or one
 * that the executor made of a result, hides an effect. A caller who tries again after it must get the
 * same answer and not a second effect.
 */
export function endsIntent(answer: ShownAnswer, rules: EndingRules = {}): boolean {
  const reports = idempotencyReports(answer);
  const errors = answer.errors ?? [];
  const marked = Object.entries(reports);
  const data = isData(answer.data) ? answer.data : undefined;
  if (marked.length === 0 && !(rules.withoutReport === true && hasValue(data))) return false;
  if (!marked.every(([, report]) => isHeld(report))) return false;
  if (!errors.every((error) => isRecorded(error, reports))) return false;
  const failed = new Set(errors.map(({ path }) => String(path?.[0])));
  return (
    marked.every(([key, report]) =>
      report.error === true ? failed.has(key) : isShown(data, key, answer.hidesErrors !== true),
    ) && unmarkedKeys(reports, rules, data).every((key) => isAnswered(key, data))
  );
}

/** Whether an error is the recorded outcome of a root field. */
function isRecorded({ path }: ShownError, reports: Reports): boolean {
  const [key, ...below] = path ?? [];
  return below.length === 0 && reports[String(key)]?.error === true;
}

/** Whether the record holds the outcome. */
function isHeld({ status, stored }: IdempotencyReport): boolean {
  return status !== 'rejected' && stored !== false;
}

function isShown(data: Data | undefined, key: string, nullIsResult: boolean): boolean {
  return data !== undefined && Object.hasOwn(data, key) && (data[key] != null || nullIsResult);
}

function unmarkedKeys(
  reports: Reports,
  { rootKeys = [] }: EndingRules,
  data: Data | undefined,
): readonly string[] {
  const keys = new Set([...rootKeys, ...Object.keys(data ?? {})]);
  return [...keys].filter((key) => !Object.hasOwn(reports, key));
}

/**
 * Whether a root field without a report was answered, or skipped. Null may stand for an error that
 * nobody recorded, and without data nobody knows whether the field ran.
 */
function isAnswered(key: string, data: Data | undefined): boolean {
  return data !== undefined && (!Object.hasOwn(data, key) || data[key] != null);
}

/** Whether it shows that anything was done. */
function hasValue(data: Data | undefined): boolean {
  return Object.values(data ?? {}).some((value) => value != null);
}

function isData(value: unknown): value is Data {
  return typeof value === 'object' && value !== null;
}
