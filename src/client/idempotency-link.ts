import { ApolloLink } from '@apollo/client/link';
import { OperationTypeNode } from 'graphql';
import { throwError, type Observable } from 'rxjs';
import type { IdempotentFields } from './idempotent-operations.js';
import { linkSettings, type IdempotencyLinkOptions, type LinkSettings } from './link-options.js';
import { ignoreRejection } from './notify.js';
import { placeKey } from './place-key.js';
import { sendUntilAnswered } from './retry-refused.js';
import { rootResponseKeys } from './root-fields.js';

declare module '@apollo/client' {
  interface DefaultContext {
    /**
     * The key of an idempotent mutation: of one intent, for all of its requests. Without it, the
     * `IdempotencyLink` makes one for each call of `client.mutate`.
     */
    idempotencyKey?: string | undefined;
  }
}

/** Where nothing is generated: the whole operation is one intent. */
const WHOLE_OPERATION: IdempotentFields = { '*': { mutation: '*', key: 'header' } };

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
  readonly #settings: LinkSettings;

  /** @throws TypeError that lists every wrong option */
  constructor(options: IdempotencyLinkOptions) {
    super();
    this.#settings = linkSettings(options);
  }

  override request(
    operation: ApolloLink.Operation,
    forward: ApolloLink.ForwardFunction,
  ): Observable<ApolloLink.Result> {
    const settings = this.#settings;
    try {
      const fields = markedFields(operation, settings);
      if (fields === undefined) return forward(operation);
      const key = placeKey(operation, fields, settings);
      const repeatable = fields === WHOLE_OPERATION || isFullyMarked(operation, fields);
      return sendUntilAnswered({ operation, key, repeatable }, forward, settings);
    } catch (error) {
      return throwError(() => error);
    }
  }
}

function markedFields(
  operation: ApolloLink.Operation,
  { operations, isIdempotent }: LinkSettings,
): IdempotentFields | undefined {
  if (operation.operationType !== OperationTypeNode.MUTATION) return undefined;
  if (isIdempotent !== undefined) {
    return saysYes(isIdempotent(operation)) ? WHOLE_OPERATION : undefined;
  }
  const name = operation.operationName;
  if (operations === undefined || name === undefined || !Object.hasOwn(operations, name)) {
    return undefined;
  }
  return operations[name];
}

/** A promise is no answer: it would make every mutation one that may be sent again. */
function saysYes(answer: unknown): boolean {
  if (typeof answer !== 'object' || answer === null) return Boolean(answer);
  ignoreRejection(answer);
  throw new TypeError('IdempotencyLink: isIdempotent must answer true or false, and at once.');
}

/** An unmarked mutation beside marked ones would happen again if the operation were repeated. */
function isFullyMarked({ query }: ApolloLink.Operation, fields: IdempotentFields): boolean {
  return [...rootResponseKeys(query)].every((responseKey) => Object.hasOwn(fields, responseKey));
}
