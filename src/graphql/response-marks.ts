import type { GraphQLResponse } from '@apollo/server';
import type { FieldReport } from './field-report.js';

/** What became of the marked fields of one operation. */
export interface OperationReports {
  /** How many it selects. */
  marked: number;
  /** By response key; a field that a guard turned down or that ran without a key has none. */
  readonly fields: Map<string, FieldReport>;
}

/** Says in a response what became of its marked fields, in the header and the extensions. */
export function writeReports(
  response: GraphQLResponse,
  { marked, fields }: OperationReports,
  batched: boolean,
): void {
  if (fields.size === 0) return;
  const result =
    response.body.kind === 'single' ? response.body.singleResult : response.body.initialResult;
  result.extensions = { ...result.extensions, idempotency: Object.fromEntries(fields) };
  // A batch shares one set of headers: there they could not say which operation they speak of.
  const replayed = [...fields.values()].filter(({ status }) => status === 'replayed').length;
  if (replayed === marked && !batched) response.http.headers.set('idempotent-replayed', 'true');
}
