import { ApolloLink, Observable } from '@apollo/client/core';
import type { DocumentNode } from 'graphql';
import { IdempotentMutations } from '../core/idempotent-mutations.js';
import { operationKindOf } from '../core/root-fields.js';
import type { IdempotencyClientOptions } from '../core/settings.js';
import { LinkAttempts } from './link-attempts.js';

declare module '@apollo/client' {
  interface DefaultContext {
    /**
     * The key of an idempotent mutation: of one intent, for all of its requests. Without it, the
     * `IdempotencyLink` makes one for each call of `client.mutate`.
     */
    idempotencyKey?: string | undefined;
  }
}

/** A link's argument and result, in the types of the installed Apollo Client. */
type LinkRequest = Parameters<ApolloLink['request']>;
type LinkAnswer = ReturnType<ApolloLink['request']>;

/**
 * Gives each marked mutation one key per intent and keeps it over retries; waits and retries when
 * the server says that this can help. Place it before `RetryLink`, which repeats what failed in the
 * network, with the same key. Queries, subscriptions and unmarked mutations pass untouched.
 *
 * @example
 * ```ts
 * const link = ApolloLink.from([
 *   new IdempotencyLink({ operations: idempotentOperations }),
 *   new RetryLink(),
 *   new HttpLink({ uri: '/graphql' }),
 * ]);
 * ```
 */
export class IdempotencyLink extends ApolloLink {
  readonly #mutations: IdempotentMutations;

  /** @throws TypeError that lists every wrong option */
  constructor(options: IdempotencyClientOptions) {
    super();
    this.#mutations = new IdempotentMutations(options, 'IdempotencyLink');
  }

  override request(operation: LinkRequest[0], forward: LinkRequest[1]): LinkAnswer {
    try {
      const mutation = this.#keyed(operation);
      if (mutation === undefined) return forward(operation);
      const attempts = this.#mutations.attempts(mutation);
      const { clock } = this.#mutations.settings;
      return new Observable((observer) => {
        const sent = new LinkAttempts(operation, forward, { attempts, clock, observer });
        sent.send();
        return () => {
          sent.stop();
        };
      });
    } catch (error) {
      return new Observable((observer) => {
        observer.error(error);
      });
    }
  }

  /**
   * The operation as a mutation with its key, if it is a marked one. Its context has the key from now
   * on, so that a link before this one that sends it again sends the same key.
   */
  #keyed(operation: LinkRequest[0]): ReturnType<IdempotentMutations['keyed']> {
    // Apollo Client 3 does not say what kind of operation it is.
    const document: DocumentNode = operation.query;
    if (operationKindOf(document) !== 'mutation') return undefined;
    const context = operation.getContext();
    const headers = (context['headers'] ?? {}) as Readonly<Record<string, string>>;
    const { variables } = operation;
    const operationName = operation.operationName || undefined;
    const request = { operationName, variables, headers, document, key: context.idempotencyKey };
    const mutation = this.#mutations.keyed(request);
    if (mutation === undefined) return undefined;
    operation.variables = mutation.variables;
    const isAdded = mutation.headers !== headers;
    operation.setContext({
      idempotencyKey: mutation.key,
      ...(isAdded && { headers: mutation.headers }),
    });
    return mutation;
  }
}
