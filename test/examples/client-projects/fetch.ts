import { createSender } from '../../../docs/examples/clients/fetch.js';
import { idempotentOperations } from '../../../src/checkout/generated/idempotency.js';
import {
  authorization,
  CREATE_PAYMENT,
  print,
  url,
  variables,
  type PaymentData,
} from './payment.js';

const send = createSender(url, idempotentOperations, { authorization });
void send(CREATE_PAYMENT, variables).then(({ data }) => {
  print(data as PaymentData);
});
