import type { GraphQLResponse } from '@apollo/server';
import type { MarkedOperation } from './marked-operation.js';

/** Says in a response what became of its marked fields, in the header and the extensions. */
export function writeReports(
  response: GraphQLResponse,
  { isReplayed, reports }: Pick<MarkedOperation<never>, 'isReplayed' | 'reports'>,
  batched: boolean,
): void {
  if (reports.isEmpty) return;
  const result =
    response.body.kind === 'single' ? response.body.singleResult : response.body.initialResult;
  const idempotency = reports.extension;
  result.extensions =
    result.extensions === undefined ? { idempotency } : { ...result.extensions, idempotency };
  // A batch shares one set of headers: there they could not say which operation they speak of.
  if (isReplayed && !batched) response.http.headers.set('idempotent-replayed', 'true');
}
