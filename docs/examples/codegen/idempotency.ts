/** The operations that carry idempotent mutations, and how the key of each travels. */
export const idempotentOperations = {
  CreatePayment: { createPayment: { mutation: 'Mutation.createPayment', key: ['key'] } },
  Refund: { refundPayment: { mutation: 'Mutation.refundPayment', key: 'header' } },
} as const;
/** Their names. */
export type IdempotentOperationName = keyof typeof idempotentOperations;
