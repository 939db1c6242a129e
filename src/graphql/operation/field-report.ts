import { isoTime } from '../../core/values/iso-time.js';
import type { Answer } from '../../core/engine/request.js';
import type { OutcomeStatus } from '../../core/record/record.js';
import type { Resolved } from '../result/resolved.js';

/** The report about one marked field in `extensions.idempotency`. */
export interface FieldReport {
  readonly status: 'executed' | 'replayed' | 'rejected';
  /** 1 for the first attempt; absent when the record was not reached. */
  readonly attempt?: number;
  /** When the record is forgotten, as an ISO 8601 date and time. */
  readonly expiresAt?: string;
  /**
   * The form in which the outcome is kept: as a `value`, from which any selection of fields can be
   * answered; as a `response`, for the same selection only; or `nothing`, and a retry learns that it is
   * unavailable.
   */
  readonly kept?: 'value' | 'response' | 'nothing';
  /** `false` when the store does not have the outcome yet. */
  readonly stored?: false;
  /** `true` when the first request was still running and this one waited for its answer. */
  readonly waited?: true;
  /**
   * `true` when the resolver's outcome is an error. Without it, an error at the field's own path is
   * the executor's: it hides a result, such as a null that the schema does not allow.
   */
  readonly error?: true;
}

type AnswerReport = FieldReport & { readonly status: 'executed' | 'replayed' };
type Writable<T> = { -readonly [K in keyof T]: T[K] };

/** The report about an answered field. */
export function reportOf(answer: Answer, resolved: Resolved | undefined): AnswerReport {
  const { attempt, status, expiresAtMs } = answer.outcome;
  const replayed = answer.kind === 'replayed' || answer.recovered;
  const report: Writable<AnswerReport> = {
    status: replayed ? 'replayed' : 'executed',
    attempt,
    kept: keptOf(status),
  };
  if (!answer.stored) report.stored = false;
  else report.expiresAt = isoTime(expiresAtMs);
  if (answer.kind === 'replayed' && answer.waited) report.waited = true;
  if (resolved?.kind === 'error') report.error = true;
  return report;
}

function keptOf(status: OutcomeStatus): 'value' | 'response' | 'nothing' {
  switch (status) {
    case 'value':
    case 'error':
      return 'value';
    case 'response':
      return 'response';
    case 'unavailable':
    case 'failed':
      return 'nothing';
  }
}
