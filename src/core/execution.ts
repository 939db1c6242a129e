/** What a resolver can know about the idempotent execution it runs in. */
export interface Execution {
  /** The client's key. Give providers {@link Execution.downstreamKey} instead. */
  readonly key: string;
  /** The schema coordinate, as in `Mutation.createPayment`. */
  readonly operation: string;
  /** 1 for the first attempt, one more for each that took over after it. */
  readonly attempt: number;
  /** Larger for every later claim of the record: for conditional writes in a database. */
  readonly fence: number;
  /**
   * Aborts when the claim is lost to another request. The resolver's result will not count then;
   * stop before the next effect.
   */
  readonly signal: AbortSignal;
  /**
   * A key for another service, the same in every attempt of this execution and different for every
   * label, derived from scope, operation and key so that it reveals none of them.
   *
   * @param label - what the key is for, as in `'charge'`: 1 to 255 characters
   * @param options - `length`: characters of the result, 16 to 43 (default 43)
   * @returns base64url characters
   * @throws RangeError when label or length is out of range
   */
  readonly downstreamKey: (label: string, options?: { readonly length?: number }) => string;
}
