import {
  IdempotentMutations,
  retryableRefusal,
  type IdempotentOperations,
} from 'graphql-idempotency/client';

/** Sends one body with these headers, and resolves with what came back. */
type Post = (body: object, headers: Readonly<Record<string, string>>) => Promise<object>;

export class PaymentsClient {
  readonly #mutations: IdempotentMutations;

  constructor(
    operations: IdempotentOperations,
    readonly post: Post,
  ) {
    this.#mutations = new IdempotentMutations({ operations });
  }

  /** @param key - one for each intent; a new one without it */
  async mutate(
    operationName: string,
    query: string,
    variables: object,
    key?: string,
  ): Promise<object> {
    const request = { operationName, variables: { ...variables }, headers: {}, key };
    const mutation = this.#mutations.keyed(request);
    if (mutation === undefined) return this.post({ operationName, query, variables }, {});
    const attempts = this.#mutations.attempts(mutation);
    for (;;) {
      const body = { operationName, query, variables: mutation.variables };
      const answer = await this.post(body, mutation.headers);
      const refusal = retryableRefusal(answer);
      const retry = refusal && attempts.next(refusal);
      if (retry === undefined) return answer;
      await new Promise((done) => setTimeout(done, retry.afterMs));
    }
  }
}
