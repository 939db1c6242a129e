import type { HttpAnswer } from './connection.js';
import { httpRequest } from './http-request.js';
import { freshKey, wrong } from './repeats.js';
import type { Shot } from './slice.js';

const SELECTION = '{ id reference amount currency status createdAt description payer { id name } }';
const CREATE = `mutation Pay($input: PaymentInput!) { createPayment(input: $input) ${SELECTION} }`;
const UNMARKED = CREATE.replace('createPayment', 'unmarkedPayment');
const HELD = CREATE.replace('createPayment', 'heldPayment');
const QUERY = `{ payment ${SELECTION} }`;

function payment(document: string, field: string, key: string): Shot {
  const input = { amount: 1250, currency: 'EUR', description: 'Two tickets, row 7' };
  return {
    request: httpRequest(document, { input: { idempotencyKey: key, ...input } }),
    check(answer) {
      checkPayment(answer, field, key);
    },
  };
}

/** A payment under a key of its own. */
export function firstPayment(): Shot & { readonly key: string } {
  const key = freshKey();
  return { key, ...payment(CREATE, 'createPayment', key) };
}

/** A payment under this key, whose mutation waits until the server is told to release it. */
export function heldPayment(key: string): Shot {
  return payment(HELD, 'heldPayment', key);
}

/** The same for the mutation that is not marked. */
export function unmarkedPayment(): Shot {
  return payment(UNMARKED, 'unmarkedPayment', freshKey());
}

/** A query. */
export const queryPayment: Shot = {
  request: httpRequest(QUERY, {}),
  check(answer) {
    checkPayment(answer, 'payment', 'known');
  },
};

function checkPayment(answer: HttpAnswer, field: string, key: string): void {
  const { status, body } = answer;
  const start = `{"data":{"${field}":{"id":"pay_`;
  if (status !== 200 || !body.startsWith(start)) throw wrong(answer);
  if (!body.includes(`"reference":"${key}"`)) throw wrong(answer);
}
