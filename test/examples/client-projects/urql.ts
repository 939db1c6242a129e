import { createClient } from '../../../docs/examples/clients/urql.js';
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

const client = createClient(url, idempotentOperations, retryableOperations, authorization);
void client
  .mutation<PaymentData>(CREATE_PAYMENT, variables)
  .toPromise()
  .then(({ data }) => {
    print(data);
  });
