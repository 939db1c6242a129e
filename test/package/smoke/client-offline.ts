// needs: graphql
// lib: DOM
import assert from 'node:assert/strict';
import type { IdempotentOperations } from 'graphql-idempotency/client';
import { OfflineQueue } from 'graphql-idempotency/client/offline';

const operations: IdempotentOperations = {
  Pay: { idempotent: true, fields: { pay: { mutation: 'Mutation.pay', key: 'header' } } },
};

async function main(): Promise<void> {
  const keys: (string | null)[] = [];
  const problems: string[] = [];
  const queue = new OfflineQueue({
    operations,
    fetch: (_, init) => {
      keys.push(new Headers(init?.headers).get('idempotency-key'));
      return Promise.resolve(new Response('{"data":{"pay":7}}'));
    },
    // Node has no IndexedDB.
    onProblem: ({ kind }) => problems.push(kind),
  });
  const body = JSON.stringify({ query: 'mutation Pay { pay }' });
  const response = await queue.fetch('http://localhost/', { method: 'POST', body });
  assert.deepEqual(await response.json(), { data: { pay: 7 } });
  assert.match(String(keys[0]), /^[\da-f-]{36}$/);
  assert.equal(problems[0], 'unavailable');
}

void main();
