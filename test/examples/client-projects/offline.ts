import { gql } from '@apollo/client';
import { createClient } from '../../../docs/examples/clients/offline.js';

interface PageGlobals {
  readonly location: { readonly hash: string };
  readonly document: { readonly body: { textContent: string } };
  /** For whoever opens the page: pays, and gives what the caller hears. */
  pay?: (amount: number) => Promise<string>;
}

const page = globalThis as unknown as PageGlobals;
const operations = {
  Pay: {
    idempotent: true,
    ttlSeconds: 600,
    fields: { pay: { mutation: 'Mutation.pay', key: ['key'] } },
  },
} as const;
const mutation = gql`
  mutation Pay($amount: Int!, $key: String) {
    pay(amount: $amount) @idempotent(key: $key) {
      id
    }
  }
`;

const { client } = createClient(
  page.location.hash.slice(1),
  operations,
  { id: 'alice', authorization: () => 'Bearer alice' },
  (message) => {
    page.document.body.textContent += message;
  },
);
page.pay = async (amount) => {
  try {
    await client.mutate({ mutation, variables: { amount } });
    return 'paid';
  } catch (error) {
    return String(error);
  }
};
