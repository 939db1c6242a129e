import { intentConfig } from 'graphql-idempotency/client/relay';
import { commitMutation, type ConcreteRequest } from 'relay-runtime';
import { createEnvironment } from '../../../docs/examples/clients/relay.js';
import { idempotentOperations } from '../../../src/checkout/generated/idempotency.js';
import {
  authorization,
  CREATE_PAYMENT,
  print,
  url,
  variables,
  type PaymentData,
} from './payment.js';

/** The output of Relay's compiler, without fields: nobody reads them from the store. */
const operation = {
  kind: 'Operation',
  name: 'CreatePayment',
  argumentDefinitions: [{ defaultValue: null, kind: 'LocalArgument', name: 'input' }],
  selections: [],
};
const mutation = {
  kind: 'Request',
  operation,
  fragment: { ...operation, kind: 'Fragment', metadata: null, type: 'Mutation', abstractKey: null },
  params: {
    id: null,
    cacheID: 'CreatePayment',
    text: CREATE_PAYMENT,
    name: 'CreatePayment',
    operationKind: 'mutation',
    metadata: {},
  },
} as unknown as ConcreteRequest;

commitMutation(createEnvironment(url, idempotentOperations, authorization), {
  mutation,
  variables,
  cacheConfig: intentConfig(undefined, ({ data }) => {
    print(data as PaymentData);
  }),
});
