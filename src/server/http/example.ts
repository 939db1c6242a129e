/** The operation that Apollo Sandbox and GraphiQL open on. */
export const EXAMPLE_DOCUMENT = `mutation Pay($input: CreatePaymentInput!) {
  createPayment(input: $input) {
    __typename
    ... on Payment {
      id
      amount
      currency
      status
      createdAt
    }
    ... on PaymentDeclined {
      reason
      message
    }
  }
}
`;

/** The variables of {@link EXAMPLE_DOCUMENT}. */
export const EXAMPLE_VARIABLES = {
  input: {
    from: 'acct_alice_eur',
    to: 'acct_bob_eur',
    amount: 1_250,
    currency: 'EUR',
    reference: 'Two coffees',
  },
} as const;

/** The headers of a request by Alice that can be sent twice with one key. */
export function exampleHeaders(key: string): Record<string, string> {
  return { Authorization: 'Bearer alice', 'Idempotency-Key': key };
}
