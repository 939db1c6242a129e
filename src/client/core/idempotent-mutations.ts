import type { DocumentNode } from 'graphql';
import { Attempts, type AttemptedMutation } from './attempts.js';
import { TTL_SECONDS, WHOLE_OPERATION, type IdempotentOperation } from './idempotent-operations.js';
import { ignoreRejection } from './notify.js';
import { placeKey, type KeyCarriers } from './place-key.js';
import { rootResponseKeys } from './root-fields.js';
import {
  clientSettings,
  type ClientSettings,
  type IdempotencyClientOptions,
  type MutationInfo,
} from './settings.js';

/** A mutation that a client is about to send. */
export interface MutationRequest extends MutationInfo {
  /** The headers that it is sent with so far. */
  readonly headers: Readonly<Record<string, string>>;
  /** Its document, if there is one: persisted operations have none. */
  readonly document?: DocumentNode | undefined;
  /** The key, if the caller has chosen one. */
  readonly key?: unknown;
}

/** A mutation with its key in its place. */
export interface KeyedMutation extends AttemptedMutation, KeyCarriers {}

/**
 * The core of every client: it recognises idempotent mutations, gives each a key for all of its
 * requests, puts the key where the server looks for it, and says when to send again.
 */
export class IdempotentMutations {
  readonly #who: string;
  readonly #settings: ClientSettings;

  /**
   * @param who - whose options they are, for messages
   * @throws TypeError that lists every wrong option
   */
  constructor(options: IdempotencyClientOptions, who = 'IdempotentMutations') {
    this.#who = who;
    this.#settings = clientSettings(who, options);
  }

  /** The settings that the options come to. */
  get settings(): ClientSettings {
    return this.#settings;
  }

  /**
   * The mutation with its key; undefined if it is not marked.
   *
   * @throws IdempotencyError `IDEMPOTENCY_KEY_INVALID`
   */
  keyed(request: MutationRequest): KeyedMutation | undefined {
    const operation = this.#operationOf(request);
    if (operation === undefined) return undefined;
    const { key, variables, headers } = placeKey(
      request,
      operation.fields,
      request.key,
      this.#settings,
    );
    return {
      operationName: request.operationName,
      key,
      variables,
      headers,
      repeatable: isRepeatable(operation, request.document),
      ttlSeconds: operation.ttlSeconds ?? TTL_SECONDS,
    };
  }

  /** Counts the attempts of a mutation, from its first one on. */
  attempts(mutation: AttemptedMutation): Attempts {
    return new Attempts(mutation, this.#settings);
  }

  #operationOf({ operationName, variables }: MutationInfo): IdempotentOperation | undefined {
    const { operations, isIdempotent } = this.#settings;
    if (isIdempotent !== undefined) {
      const answer = isIdempotent({ operationName, variables });
      return this.#saysYes(answer) ? WHOLE_OPERATION : undefined;
    }
    if (operations === undefined || operationName === undefined) return undefined;
    return Object.hasOwn(operations, operationName) ? operations[operationName] : undefined;
  }

  /** A promise is no answer: it would make every mutation one that may be sent again. */
  #saysYes(answer: unknown): boolean {
    if (typeof answer !== 'object' || answer === null) return Boolean(answer);
    ignoreRejection(answer);
    throw new TypeError(`${this.#who}: isIdempotent must answer true or false, and at once.`);
  }
}

/** An unmarked mutation beside marked ones would happen again if the operation were repeated. */
function isRepeatable(operation: IdempotentOperation, document: DocumentNode | undefined): boolean {
  if (operation === WHOLE_OPERATION) return true;
  return (
    operation.idempotent &&
    (document === undefined ||
      [...rootResponseKeys(document)].every((key) => Object.hasOwn(operation.fields, key)))
  );
}
