/** A server's refusal of a request that can succeed later, unchanged. */
export interface Refusal {
  /** An `IDEMPOTENCY_` code. */
  readonly code: string;
  /** When a retry makes sense, in milliseconds from now, if the server says so. */
  readonly retryAfterMs: number | undefined;
}

/**
 * The refusal in an answer that a retry may cure: each of its errors is a retryable one of the
 * server's idempotency. Beside any other error the caller has something to decide.
 */
export function retryableRefusal(answer: unknown): Refusal | undefined {
  return refusalIn((answer as { readonly errors?: unknown } | null | undefined)?.errors);
}

/** The same for the text of an answer, which may be no JSON. */
export function refusalInText(body: string): Refusal | undefined {
  try {
    return retryableRefusal(JSON.parse(body));
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
