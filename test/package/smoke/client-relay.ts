// needs: graphql
// lib: DOM
import assert from 'node:assert/strict';
import type { IdempotentOperations } from 'graphql-idempotency/client';
import {
  idempotentFetch,
  intentConfig,
  type RelaySubscribable,
} from 'graphql-idempotency/client/relay';

const operations: IdempotentOperations = {
  Pay: { idempotent: true, fields: { pay: { mutation: 'Mutation.pay', key: 'header' } } },
};

async function main(): Promise<void> {
  const keys: (string | undefined)[] = [];
  const send = idempotentFetch(
    (_request, _variables, { headers }) => {
      keys.push(headers['idempotency-key']);
      return Promise.resolve({ data: { pay: 7 } });
    },
    { operations },
  );
  const request = {
    name: 'Pay',
    operationKind: 'mutation',
    text: 'mutation Pay { pay }',
    id: null,
  };
  const pay = (config: object): Promise<unknown> =>
    new Promise((next, error) => {
      const answer = send(request, {}, config) as RelaySubscribable<unknown>;
      answer.subscribe({ next, error });
    });
  assert.deepEqual(await pay({}), { data: { pay: 7 } });
  assert.match(String(keys[0]), /^[\da-f-]{36}$/);
  await pay(intentConfig('order-1'));
  assert.equal(keys[1], 'order-1');
}

void main();
