import { randomUUID } from 'node:crypto';
import type { ApolloServerPlugin } from '@apollo/server';
import { ApolloServerPluginLandingPageLocalDefault } from '@apollo/server/plugin/landingPage/default';

/** The operation that Sandbox opens on. */
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

/** Apollo Sandbox, opened on a payment that can be sent twice with one key. */
export function landingPage(): ApolloServerPlugin {
  return ApolloServerPluginLandingPageLocalDefault({
    embed: { runTelemetry: false },
    footer: false,
    document: EXAMPLE_DOCUMENT,
    variables: {
      input: {
        from: 'acct_alice_eur',
        to: 'acct_bob_eur',
        amount: 1_250,
        currency: 'EUR',
        reference: 'Two coffees',
      },
    },
    headers: {
      Authorization: 'Bearer alice',
      // Another one at every start: the first Run after it is a new payment.
      'Idempotency-Key': `sandbox-${randomUUID().slice(0, 8)}`,
    },
  });
}
