/**
 * The operations that carry idempotent mutations: whether all that each does is idempotent, for how
 * long it can be tried again, and how the key of each mutation travels.
 */
export const idempotentOperations = {
  CreatePayment: {
    idempotent: true,
    ttlSeconds: 86400,
    fields: { createPayment: { mutation: 'Mutation.createPayment', key: ['key'] } },
  },
  Refund: {
    idempotent: true,
    ttlSeconds: 86400,
    fields: { refundPayment: { mutation: 'Mutation.refundPayment', key: 'header' } },
  },
} as const;
/** Their names. */
export type IdempotentOperationName = keyof typeof idempotentOperations;
/** The operations that may be sent again: queries, and mutations that are idempotent as a whole. */
export const retryableOperations: ReadonlySet<string> = new Set([
  'CreatePayment',
  'Ledger',
  'Refund',
]);
