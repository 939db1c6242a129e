import { createClient } from '../../../docs/examples/clients/graphql-request.js';
import { idempotentOperations } from '../../../src/checkout/generated/idempotency.js';
import {
  authorization,
  CREATE_PAYMENT,
  print,
  url,
  variables,
  type PaymentData,
} from './payment.js';

const client = createClient(url, idempotentOperations, authorization);
void client.request<PaymentData>(CREATE_PAYMENT, variables).then(print);
