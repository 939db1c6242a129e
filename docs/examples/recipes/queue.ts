import { HeaderMap, type ApolloServer } from '@apollo/server';

/** A message that a queue delivers at least once. */
export interface Message {
  /** The same in every delivery. A business id, such as that of the order, is better still. */
  readonly id: string;
  readonly amount: number;
}

/** What to tell the queue. */
export type Verdict =
  | { readonly kind: 'done' }
  | { readonly kind: 'again'; readonly afterMs: number }
  | { readonly kind: 'dead'; readonly reason: string };

const PAY = 'mutation ($amount: Int!) { pay(amount: $amount) { id } }';

/** Handles one delivery. */
export async function consume<TContext extends object>(
  server: ApolloServer<TContext>,
  contextValue: TContext,
  { id, amount }: Message,
): Promise<Verdict> {
  const response = await server.executeOperation(
    {
      query: PAY,
      variables: { amount },
      // Of the whole request, because the key may also be an argument or a directive's.
      http: {
        method: 'POST',
        headers: new HeaderMap([['idempotency-key', id]]),
        search: '',
        body: {},
      },
    },
    { contextValue },
  );
  if (response.body.kind !== 'single') throw new Error('The answer came in parts.');
  const [error] = response.body.singleResult.errors ?? [];
  if (error === undefined) return { kind: 'done' };
  const { retryable, retryAfterMs, code } = error.extensions ?? {};
  // Failures that are no answers, such as a database that is away, were released: they run again.
  if (retryable === true || code === 'INTERNAL_SERVER_ERROR') {
    return { kind: 'again', afterMs: typeof retryAfterMs === 'number' ? retryAfterMs : 5_000 };
  }
  return { kind: 'dead', reason: `${String(code)}: ${error.message}` };
}
