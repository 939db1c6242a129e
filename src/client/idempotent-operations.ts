/** How the key of one marked mutation travels. */
export interface IdempotentField {
  /** The mutation's schema coordinate: `Mutation.createPayment`. */
  readonly mutation: string;
  /**
   * `'header'`, or the places among the operation's variables that carry the key, with dots
   * between: `['key']`, `['input.idempotencyKey']`.
   */
  readonly key: 'header' | readonly string[];
}

/** The marked root fields of one operation, by response key. */
export type IdempotentFields = Readonly<Record<string, IdempotentField>>;

/**
 * The operations that carry idempotent mutations, by name: what `graphql-idempotency/codegen`
 * generates.
 */
export type IdempotentOperations = Readonly<Record<string, IdempotentFields>>;
