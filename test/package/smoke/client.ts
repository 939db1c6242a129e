// needs: graphql
// lib: DOM
import assert from 'node:assert/strict';
import {
  idempotencyReports,
  IdempotentMutations,
  isReplay,
  retryableRefusal,
  type IdempotentOperations,
} from 'graphql-idempotency/client';

const operations: IdempotentOperations = {
  Pay: {
    idempotent: true,
    ttlSeconds: 86_400,
    fields: { pay: { mutation: 'Mutation.pay', key: ['key'] } },
  },
};
const mutations = new IdempotentMutations({ operations });
const request = { operationName: 'Pay', variables: { amount: 1 }, headers: {} };
const mutation = mutations.keyed(request);
assert.ok(mutation !== undefined);
assert.match(mutation.key, /^[\da-f-]{36}$/);
assert.deepEqual(mutation.variables, { amount: 1, key: mutation.key });
assert.equal(mutations.keyed({ ...request, operationName: 'Rename' }), undefined);

const extensions = { code: 'IDEMPOTENCY_CONCURRENT_REQUEST', retryable: true, retryAfterMs: 5 };
const refusal = retryableRefusal({ errors: [{ extensions }] });
assert.equal(refusal?.retryAfterMs, 5);
assert.ok(Number(mutations.attempts(mutation).next(refusal)?.afterMs) >= 5);

const answer = { extensions: { idempotency: { pay: { status: 'replayed', attempt: 1 } } } };
assert.equal(isReplay(answer), true);
assert.equal(idempotencyReports(answer)['pay']?.attempt, 1);
