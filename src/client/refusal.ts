import { ServerError } from '@apollo/client/errors';
import type { ApolloLink } from '@apollo/client/link';

/** That the server refused an operation and says that the same request can succeed later. */
export interface Refusal {
  readonly code: string;
  /** When a retry makes sense, in milliseconds from now, if the server says so. */
  readonly retryAfterMs: number | undefined;
}

/**
 * The refusal in a result that a retry may cure: each of its errors is a retryable one of the
 * server's idempotency. Beside any other error the caller has something to decide.
 */
export function retryableRefusal(result: ApolloLink.Result): Refusal | undefined {
  return refusalIn('errors' in result ? result.errors : undefined);
}

/** The same for an answer that Apollo Client could not take for GraphQL, because of its status. */
export function retryableServerError(error: unknown): Refusal | undefined {
  if (!ServerError.is(error)) return undefined;
  try {
    const body: unknown = JSON.parse(error.bodyText);
    return refusalIn((body as { errors?: unknown } | null)?.errors);
  } catch {
    return undefined;
  }
}

function refusalIn(errors: unknown): Refusal | undefined {
  if (!Array.isArray(errors) || errors.length === 0) return undefined;
  const refusals = errors.map(refusalOf);
  const waits: number[] = [];
  for (const refusal of refusals) {
    if (refusal === undefined) return undefined;
    if (refusal.retryAfterMs !== undefined) waits.push(refusal.retryAfterMs);
  }
  const [first] = refusals;
  return (
    first && { code: first.code, retryAfterMs: waits.length > 0 ? Math.max(...waits) : undefined }
  );
}

function refusalOf(error: unknown): Refusal | undefined {
  const extensions: unknown = (error as { extensions?: unknown } | null)?.extensions;
  if (typeof extensions !== 'object' || extensions === null) return undefined;
  const { code, retryable, retryAfterMs } = extensions as Record<string, unknown>;
  // By prefix: a server may be newer than this client and know more codes.
  if (typeof code !== 'string' || !code.startsWith('IDEMPOTENCY_') || retryable !== true) {
    return undefined;
  }
  const isTime = typeof retryAfterMs === 'number' && Number.isFinite(retryAfterMs);
  return { code, retryAfterMs: isTime ? Math.max(0, retryAfterMs) : undefined };
}
