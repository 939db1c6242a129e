import { GraphQLError, isNonNullType, type FieldNode, type GraphQLResolveInfo } from 'graphql';
import type { ExecutedOperation } from './operation-result.js';
import type { Resolved } from './resolved.js';
import { answerOf, errorsOf, type StoredResponse } from './response.js';
import { acceptStubs, stubOf } from './stub.js';

type ReplayInfo = Pick<GraphQLResolveInfo, 'fieldNodes' | 'returnType' | 'schema'>;

/**
 * A stored response on its way to a client: through what stands around the resolver, past the
 * executor, into the result.
 *
 * Invariant: the executor completes a stub, so that nothing below the root field runs.
 */
export class ReplayedResponse {
  readonly #response: StoredResponse;
  readonly #responseKey: string;
  readonly #info: ReplayInfo;

  /** @param info - the executor's own, not a copy that a middleware has made */
  constructor(response: StoredResponse, responseKey: string, info: ReplayInfo) {
    this.#response = response;
    this.#responseKey = responseKey;
    this.#info = info;
  }

  /** Whether the outcome is an error; otherwise an error may still have hidden it. */
  get isError(): boolean {
    return this.#response.selection === '';
  }

  /** The result for the resolver's caller: the answered data, or the error. */
  get inner(): Resolved {
    const error = this.#error();
    if (error !== undefined) return { kind: 'error', error };
    return { kind: 'value', value: JSON.parse(this.#response.data ?? 'null') };
  }

  /**
   * The result for the executor, whatever a middleware has made of the data. A refusal that comes after
   * the resolver still counts.
   */
  outer(outer: Resolved): Resolved {
    const error = this.#error();
    if (error !== undefined) return { kind: 'error', error };
    if (outer.kind === 'error') return outer;
    const { fieldNodes, returnType, schema } = this.#info;
    acceptStubs(returnType, schema);
    deselect(fieldNodes);
    return { kind: 'value', value: stubOf(returnType, schema) };
  }

  /** Puts the response into the result of the execution. */
  fill(executed: ExecutedOperation): void {
    executed.replace(this.#responseKey, answerOf(this.#response, this.#responseKey));
  }

  /** The field's own error, or one that lets the executor do what it did: null the whole `data`. */
  #error(): GraphQLError | undefined {
    if (this.#response.data !== undefined && !this.isError) return undefined;
    const [first] = errorsOf(this.#response, this.#responseKey);
    const { message = 'The field has no value.', extensions } = first ?? {};
    return new GraphQLError(message, extensions === undefined ? {} : { extensions });
  }
}

/**
 * Takes away what is selected below a field of this execution. graphql 16 completes the field from this
 * array, and then asks nobody about a stub, not even the `fieldResolver` of Apollo Server, which plugins
 * cannot see. Other executors do not look here again; they have the stubs.
 */
function deselect(fieldNodes: readonly FieldNode[]): void {
  if (Object.isFrozen(fieldNodes)) return;
  const bare = fieldNodes.map((node) => {
    const copy: { -readonly [Name in keyof FieldNode]: FieldNode[Name] } = { ...node };
    delete copy.selectionSet;
    return copy;
  });
  // The array belongs to the execution, its nodes to the document, which others execute too.
  (fieldNodes as FieldNode[]).splice(0, bare.length, ...bare);
}

/** Whether a null at a field goes up to the root. */
export function isNullable({ returnType }: Pick<GraphQLResolveInfo, 'returnType'>): boolean {
  return !isNonNullType(returnType);
}
