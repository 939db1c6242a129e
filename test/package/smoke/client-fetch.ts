// needs: graphql
// lib: DOM
import assert from 'node:assert/strict';
import type { IdempotentOperations } from 'graphql-idempotency/client';
import { withIdempotency } from 'graphql-idempotency/client/fetch';

const operations: IdempotentOperations = {
  Pay: { idempotent: true, fields: { pay: { mutation: 'Mutation.pay', key: 'header' } } },
};

async function main(): Promise<void> {
  const keys: (string | null)[] = [];
  const send = withIdempotency(
    (_, init) => {
      keys.push(new Headers(init?.headers).get('idempotency-key'));
      return Promise.resolve(new Response('{"data":{"pay":7}}'));
    },
    { operations },
  );
  const body = JSON.stringify({ query: 'mutation Pay { pay }' });
  const response = await send('http://localhost/', { method: 'POST', body });
  assert.deepEqual(await response.json(), { data: { pay: 7 } });
  assert.match(String(keys[0]), /^[\da-f-]{36}$/);
}

void main();
