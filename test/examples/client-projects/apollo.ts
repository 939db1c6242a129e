import { gql, type TypedDocumentNode } from '@apollo/client';
import { createClient } from '../../../docs/examples/clients/apollo.js';
import {
  idempotentOperations,
  retryableOperations,
} from '../../../src/checkout/generated/idempotency.js';
import {
  authorization,
  CREATE_PAYMENT,
  print,
  url,
  variables,
  type PaymentData,
} from './payment.js';

const mutation: TypedDocumentNode<PaymentData> = gql(CREATE_PAYMENT);
const client = createClient(url, idempotentOperations, retryableOperations);
const context = { headers: { authorization } };
void client.mutate({ mutation, variables, context }).then(({ data }) => {
  print(data);
});
