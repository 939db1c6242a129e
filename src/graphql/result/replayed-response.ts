import { GraphQLError, isNonNullType, type GraphQLResolveInfo } from 'graphql';
import type { ExecutedOperation } from './operation-result.js';
import type { Resolved } from './resolved.js';
import { answerOf, errorsOf, type StoredResponse } from './response.js';
import { acceptStubs, stubOf, type FieldResolverOf } from './stub.js';

/**
 * A stored response on its way to a client: through what stands around the resolver, past the
 * executor, into the result.
 *
 * Invariant: the executor completes a stub, so that nothing below the root field runs.
 */
export class ReplayedResponse {
  readonly #response: StoredResponse;
  readonly #responseKey: string;
  readonly #info: Pick<GraphQLResolveInfo, 'returnType' | 'schema'>;

  constructor(
    response: StoredResponse,
    responseKey: string,
    info: Pick<GraphQLResolveInfo, 'returnType' | 'schema'>,
  ) {
    this.#response = response;
    this.#responseKey = responseKey;
    this.#info = info;
  }

  /** What the resolver's caller gets: the data that was answered, or the error. */
  get inner(): Resolved {
    const error = this.#error();
    if (error !== undefined) return { kind: 'error', error };
    return { kind: 'value', value: JSON.parse(this.#response.data ?? 'null') };
  }

  /**
   * What the executor gets, whatever a middleware has made of the data. A refusal that comes after
   * the resolver still counts.
   */
  outer(outer: Resolved, fieldResolverOf: FieldResolverOf): Resolved {
    const error = this.#error();
    if (error !== undefined) return { kind: 'error', error };
    if (outer.kind === 'error') return outer;
    const { returnType, schema } = this.#info;
    acceptStubs(returnType, schema, fieldResolverOf);
    return { kind: 'value', value: stubOf(returnType, schema) };
  }

  /** Puts the response into the result of the execution. */
  fill(executed: ExecutedOperation): void {
    executed.replace(this.#responseKey, answerOf(this.#response, this.#responseKey));
  }

  /** The field's own error, or one that lets the executor do what it did: null the whole `data`. */
  #error(): GraphQLError | undefined {
    const { data, selection } = this.#response;
    const failed = data === undefined || selection === '';
    if (!failed) return undefined;
    const [first] = errorsOf(this.#response, this.#responseKey);
    const { message = 'The field has no value.', extensions } = first ?? {};
    return new GraphQLError(message, extensions === undefined ? {} : { extensions });
  }
}

/** Whether a null at a field goes up to the root. */
export function isNullable({ returnType }: Pick<GraphQLResolveInfo, 'returnType'>): boolean {
  return !isNonNullType(returnType);
}
