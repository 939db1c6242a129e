// needs: @apollo/client graphql rxjs
// lib: DOM ESNext.Disposable
import assert from 'node:assert/strict';
import { ApolloClient, ApolloLink, gql, InMemoryCache } from '@apollo/client';
import { of } from 'rxjs';
import {
  idempotencyReports,
  isReplay,
  type IdempotentOperations,
} from 'graphql-idempotency/client';
import { IdempotencyLink } from 'graphql-idempotency/client/apollo';

const operations: IdempotentOperations = {
  Pay: { idempotent: true, fields: { pay: { mutation: 'Mutation.pay', key: ['key'] } } },
};

async function main(): Promise<void> {
  const keys: unknown[] = [];
  const server = new ApolloLink((operation) => {
    keys.push(operation.variables['key']);
    const idempotency = { pay: { status: 'replayed', attempt: 1 } };
    return of({ data: { pay: 7 }, extensions: { idempotency } });
  });
  const client = new ApolloClient({
    cache: new InMemoryCache(),
    link: ApolloLink.from([new IdempotencyLink({ operations }), server]),
  });
  const answer = await client.mutate({
    mutation: gql`
      mutation Pay($key: String) {
        pay(idempotencyKey: $key)
      }
    `,
  });
  assert.match(String(keys[0]), /^[\da-f-]{36}$/);
  assert.equal(isReplay(answer), true);
  assert.equal(idempotencyReports(answer)['pay']?.attempt, 1);
}

void main();
