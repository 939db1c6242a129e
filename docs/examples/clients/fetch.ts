export interface Answer {
  readonly data?: Record<string, unknown> | null;
  readonly errors?: readonly {
    readonly message: string;
    readonly extensions?: { readonly retryable?: boolean; readonly retryAfterMs?: number };
  }[];
}

/**
 * Sends one intent: with the same key, until its answer is known.
 *
 * @param body - `{ query, variables }`
 * @param key - kept for every retry; keep it yourself to go on after a reload
 */
export async function sendOnce(
  url: string,
  body: object,
  options: { key?: string; attemptsMax?: number; headers?: Record<string, string> } = {},
): Promise<Answer> {
  const { key = crypto.randomUUID(), attemptsMax = 5, headers } = options;
  for (let attempt = 1; ; attempt += 1) {
    let waitMs = 250 * 2 ** attempt;
    try {
      const response = await fetch(url, {
        method: 'POST',
        headers: { ...headers, 'content-type': 'application/json', 'idempotency-key': key },
        body: JSON.stringify(body),
      });
      const answer = (await response.json()) as Answer;
      const errors = answer.errors ?? [];
      const refused = errors.length > 0 && errors.every((error) => error.extensions?.retryable);
      if (!refused || attempt >= attemptsMax) return answer;
      waitMs = Math.max(...errors.map((error) => error.extensions?.retryAfterMs ?? waitMs));
    } catch (error) {
      // The request or its answer was lost, or what came is not GraphQL.
      if (attempt >= attemptsMax) throw error;
    }
    await new Promise((resolve) => setTimeout(resolve, waitMs));
  }
}
