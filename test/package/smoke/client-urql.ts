// needs: graphql @urql/core wonka
// lib: DOM
import assert from 'node:assert/strict';
import { Client, fetchExchange } from '@urql/core';
import type { IdempotentOperations } from 'graphql-idempotency/client';
import { idempotencyExchange } from 'graphql-idempotency/client/urql';

const operations: IdempotentOperations = {
  Pay: { idempotent: true, fields: { pay: { mutation: 'Mutation.pay', key: 'header' } } },
};

async function main(): Promise<void> {
  const keys: (string | null)[] = [];
  const client = new Client({
    url: 'http://localhost/',
    preferGetMethod: false,
    exchanges: [idempotencyExchange({ operations }), fetchExchange],
    fetch: (_, init) => {
      keys.push(new Headers(init?.headers).get('idempotency-key'));
      const headers = { 'content-type': 'application/json' };
      return Promise.resolve(new Response('{"data":{"pay":7}}', { headers }));
    },
  });
  const { data } = await client.mutation<{ pay: number }>('mutation Pay { pay }', {});
  assert.deepEqual(data, { pay: 7 });
  assert.match(String(keys[0]), /^[\da-f-]{36}$/);
}

void main();
