import {
  makeErrorResult,
  type Client,
  type Exchange,
  type Operation,
  type OperationResult,
} from '@urql/core';
import { filter, makeSubject, merge, mergeMap, fromArray, pipe, share, type Source } from 'wonka';
import { IdempotentMutations } from '../core/idempotent-mutations.js';
import type { IdempotencyClientOptions } from '../core/settings.js';
import { instanceOf, keyedOperation, refusalOf, type SentMutation } from './sent-mutation.js';

/** Clients that have an exchange of ours. */
const clients = new WeakSet<Client>();

const ORDER = '[cacheExchange, idempotencyExchange(…), retryExchange(…), fetchExchange]';

/**
 * Gives each marked mutation one key per intent and keeps it over retries; waits and retries when the
 * server says that this can help. Place it before the retry exchange, which repeats what failed in the
 * network, with the same key. Everything else passes untouched.
 *
 * @example
 * ```ts
 * const client = new Client({
 *   url: '/graphql',
 *   exchanges: [
 *     cacheExchange,
 *     idempotencyExchange({ operations: idempotentOperations }),
 *     retryExchange({ retryIf: ({ networkError }) => networkError !== undefined }),
 *     fetchExchange,
 *   ],
 * });
 * ```
 *
 * @throws TypeError that lists every wrong option; Error if a client has two
 */
export function idempotencyExchange(options: IdempotencyClientOptions): Exchange {
  const mutations = new IdempotentMutations(options, 'idempotencyExchange');
  return ({ client, forward }) => {
    if (clients.has(client)) {
      throw new Error(`A client needs one idempotencyExchange, and not two: ${ORDER}.`);
    }
    clients.add(client);
    return (operations$) => new MutationsUnderWay(mutations).through(operations$, forward);
  };
}

/** The marked mutations of one client that have no result yet. */
class MutationsUnderWay {
  readonly #mutations: IdempotentMutations;
  readonly #sent = new Map<string, SentMutation & { stopWaiting?: () => void }>();
  readonly #again = makeSubject<Operation>();
  readonly #refused = makeSubject<OperationResult>();

  constructor(mutations: IdempotentMutations) {
    this.#mutations = mutations;
  }

  /** Takes operations to the exchanges behind this one, and results back. */
  through(
    operations$: Source<Operation>,
    forward: (operations$: Source<Operation>) => Source<OperationResult>,
  ): Source<OperationResult> {
    const keyed$ = pipe(
      operations$,
      mergeMap((operation) => fromArray(this.#begin(operation))),
    );
    const results$ = pipe(
      forward(share(merge([keyed$, this.#again.source]))),
      filter((result) => !this.#waits(result)),
    );
    return merge([results$, this.#refused.source]);
  }

  /** The operation with its key, or nothing if its key is bad. */
  #begin(operation: Operation): Operation[] {
    if (operation.kind === 'teardown') {
      this.#end(operation);
      return [operation];
    }
    try {
      const sent = keyedOperation(this.#mutations, operation);
      if (sent === undefined) return [operation];
      this.#sent.set(instanceOf(operation), sent);
      return [sent.operation];
    } catch (error) {
      // In a turn of its own: who listens for the result may not be there yet.
      void Promise.resolve().then(() => {
        this.#refused.next(makeErrorResult(operation, error as Error));
      });
      return [];
    }
  }

  /** Whether the result is a refusal after which the operation is sent again. */
  #waits(result: OperationResult): boolean {
    const id = instanceOf(result.operation);
    const sent = this.#sent.get(id);
    if (sent === undefined) return false;
    const refusal = refusalOf(result);
    const retry = refusal && sent.attempts.next(refusal);
    if (retry === undefined) {
      if (!result.hasNext) this.#end(result.operation);
      return false;
    }
    sent.stopWaiting = this.#mutations.settings.clock.schedule(retry.afterMs, () => {
      this.#again.next(result.operation);
    });
    // Last: a listener may tear the operation down.
    retry.announce();
    return true;
  }

  #end(operation: Operation): void {
    const id = instanceOf(operation);
    this.#sent.get(id)?.stopWaiting?.();
    this.#sent.delete(id);
  }
}
