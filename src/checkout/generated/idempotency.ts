/* eslint-disable */
/** The operations that carry idempotent mutations, for `IdempotencyLink`. */
export const idempotentOperations = {
  CreatePayment: {
    createPayment: { mutation: 'Mutation.createPayment', key: ['key'] },
  },
} as const;
