/** The report about one marked field. */
export interface IdempotencyReport {
  /** It ran for this request; it was answered from its record; it was refused. */
  readonly status: 'executed' | 'replayed' | 'rejected';
  /** 1 for the first attempt; absent when the record was not reached. */
  readonly attempt?: number;
  /**
   * The form in which the outcome is kept: as a `value`, for any selection of fields; as a `response`,
   * for the same selection only; or `nothing`, and a retry learns that it is unavailable.
   */
  readonly kept?: 'value' | 'response' | 'nothing';
  /** When the record is forgotten, as an ISO 8601 date and time. */
  readonly expiresAt?: string;
  /** `false` when the store does not have the outcome yet. */
  readonly stored?: false;
  /** `true` when the first request was still running and this one waited for its answer. */
  readonly waited?: true;
  /** `true` when the outcome is an error that the resolver threw on purpose. */
  readonly error?: true;
}

/** An answer: the result of `client.mutate`, a `CombinedGraphQLErrors`, or a body as it was sent. */
export interface AnswerLike {
  /** The server's report beside the data. */
  readonly extensions?: unknown;
}

/**
 * The reports of the marked fields in an answer, from `extensions.idempotency`.
 *
 * @returns by response key; empty where the server said nothing
 */
export function idempotencyReports(
  answer: AnswerLike,
): Readonly<Record<string, IdempotencyReport>> {
  const said = answer.extensions as { readonly idempotency?: unknown } | null | undefined;
  const reports = said?.idempotency;
  if (typeof reports !== 'object' || reports === null) return {};
  return Object.fromEntries(Object.entries(reports).filter(([, report]) => isReport(report)));
}

/** Whether every marked field of an answer was a replay: nothing happened for this request. */
export function isReplay(answer: AnswerLike): boolean {
  const reports = Object.values(idempotencyReports(answer));
  return reports.length > 0 && reports.every(({ status }) => status === 'replayed');
}

function isReport(report: unknown): report is IdempotencyReport {
  return (
    typeof report === 'object' &&
    report !== null &&
    'status' in report &&
    ['executed', 'replayed', 'rejected'].includes(String(report.status))
  );
}
