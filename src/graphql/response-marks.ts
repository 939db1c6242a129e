import type { ApolloResponseLike } from './apollo-plugin.js';
import type { MarkedOperation } from './operation/marked-operation.js';

/** Says in a response what became of its marked fields, in the header and the extensions. */
export function writeReports(
  { body, http }: ApolloResponseLike,
  operation: Pick<MarkedOperation<never>, 'isReplayed' | 'reports'>,
  batched: boolean,
): void {
  const idempotency = operation.reports;
  if (idempotency === undefined || body === undefined) return;
  const result: { extensions?: Record<string, unknown> } =
    body.kind === 'single' ? body.singleResult : body.initialResult;
  result.extensions =
    result.extensions === undefined ? { idempotency } : { ...result.extensions, idempotency };
  // A batch shares one set of headers: there they could not say which operation they speak of.
  if (operation.isReplayed && !batched) http.headers.set('idempotent-replayed', 'true');
}
