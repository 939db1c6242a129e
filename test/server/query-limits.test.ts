import { getIntrospectionQuery } from 'graphql';
import { ViewerDocument } from '../client/generated/graphql.js';
import type { Client } from '../client/client.js';
import { BODY_BYTES_MAX } from '../../src/server/http/request-handlers.js';
import { keyHeader, ORDER, startPayments, type TestPaymentsServer } from './start.js';

const many = (count: number, one: (index: number) => string): string =>
  Array.from({ length: count }, (_, index) => one(index)).join(' ');

const PAYMENT =
  'id from to amount currency reference status createdAt refunds { id paymentId amount currency createdAt }';

describe('a document that costs too much', () => {
  let server: TestPaymentsServer;
  let alice: Client;

  beforeAll(async () => {
    server = await startPayments();
    alice = server.as('alice');
  });
  afterAll(() => server.stop());

  async function postBody(body: string) {
    const headers = { 'content-type': 'application/json', authorization: 'Bearer alice' };
    const response = await fetch(server.url, { method: 'POST', headers, body });
    const answer = (await response.json()) as { errors?: unknown; data?: object };
    return { status: response.status, answer };
  }
  const health = async (): Promise<number> => (await fetch(`${server.url}health`)).status;
  const names = async (): Promise<unknown> => (await alice.send(ViewerDocument, {})).data;

  it.each([
    ['aliases', `{ ${many(200, (i) => `a${String(i)}: payments { totalCount }`)} }`],
    [
      'aliases of a cheap field',
      `{ ${many(140, (i) => `a${String(i)}: viewer { accounts { id name owner balance currency } }`)} }`,
    ],
    [
      'large pages',
      `{ a: payments(first: 100) { nodes { ${PAYMENT} } } b: payments(first: 100) { nodes { ${PAYMENT} } } }`,
    ],
    ['a page without end', '{ payments(first: 2147483647) { nodes { id } } }'],
    ['the same by a variable', 'query ($max: Int) { payments(first: $max) { nodes { id } } }'],
    [
      'the same by a default',
      'query ($n: Int = 2147483647) { payments(first: $n) { nodes { id } } }',
    ],
    [
      'a negative page that pays for another',
      `{ a: payments(first: -2147483648) { nodes { id } } b: payments(first: 2147483647) { nodes { id } } }`,
    ],
    [
      'aliases of aliases',
      `{ ${many(20, (i) => `a${String(i)}: payments(first: 20) { ${many(20, (k) => `b${String(k)}: nodes { id }`)} }`)} }`,
    ],
    [
      'fragments that double',
      `{ viewer { ...f0 } } ${many(16, (i) => `fragment f${String(i)} on User { a${String(i)}: id ...f${String(i + 1)} b: accounts { id } ...f${String(i + 1)} }`)} fragment f16 on User { id }`,
    ],
    [
      'aliases of introspection',
      `{ ${many(60, (i) => `a${String(i)}: __schema { types { name fields { name type { name } } } }`)} }`,
    ],
    [
      'depth of introspection',
      `{ __schema { types { fields { type { fields { type { fields { type { fields { name } } } } } } } } } }`,
    ],
    ['more tokens than any honest one', `{ viewer { ${'id '.repeat(1_000)} } }`],
    ['more characters, and few tokens', `{ viewer { id } } # ${'x'.repeat(BODY_BYTES_MAX)}`],
    [
      'transactions',
      `mutation { ${many(21, (i) => `a${String(i)}: renameAccount(id: "acct_alice_eur", name: "new ${String(i)}") { id }`)} }`,
    ],
  ])('by %s is refused before anything runs, and the server answers others', async (_, query) => {
    const before = await names();
    const sent = alice.post(query, { max: 2 ** 31 - 1 });
    expect(await health()).toBe(200);
    const { status, errors, data } = await sent;
    expect([400, 413]).toContain(status);
    expect(errors[0]?.message).toMatch(/costs|tokens|larger than|depth|nodes|not defined/);
    expect(data ?? null).toBeNull();
    expect(await names()).toEqual(before);
  });

  it.each([
    [
      'the introspection query of tools',
      getIntrospectionQuery({
        specifiedByUrl: true,
        directiveIsRepeatable: true,
        schemaDescription: true,
        inputValueDeprecation: true,
      }),
    ],
    [
      'the largest page with everything in it',
      `{ payments(first: 100) { totalCount pageInfo { hasNextPage endCursor } nodes { ${PAYMENT} } } }`,
    ],
    [
      'the caller with all accounts',
      '{ viewer { id name accounts { id name owner currency balance } } }',
    ],
    [
      'an operation beside one that costs too much',
      `query Cheap { viewer { id } } query Dear { payments(first: 2147483647) { nodes { id } } }`,
    ],
    [
      'what a variable leaves out',
      'query ($no: Boolean = false) { viewer { id } payments(first: 2147483647) @include(if: $no) { nodes { id } } }',
    ],
  ])('is not %s', async (_, query) => {
    const operationName = /query (Cheap)/.exec(query)?.[1];
    const { status, answer } = await postBody(JSON.stringify({ query, operationName }));
    expect([status, answer.errors]).toEqual([200, undefined]);
  });

  it('is not the largest honest request: ten payments, with references that are all escaped', async () => {
    const variables = Object.fromEntries(
      Array.from({ length: 10 }, (_, i) => [
        `i${String(i)}`,
        { ...ORDER, amount: 1, reference: '\u00e9'.repeat(140) },
      ]),
    );
    const query = `mutation (${many(10, (i) => `$i${String(i)}: CreatePaymentInput!`)}) { ${many(10, (i) => `p${String(i)}: createPayment(input: $i${String(i)}, idempotencyKey: "${'k'.repeat(250)}-${String(i)}") { ... on Payment { ${PAYMENT} } ... on PaymentDeclined { reason message } }`)} }`;
    const body = JSON.stringify({ query, variables }).replaceAll('\u00e9', '\\u00e9');
    expect(body.length).toBeLessThan(BODY_BYTES_MAX / 2);
    const { status, answer } = await postBody(body);
    expect([status, answer.errors, Object.keys(answer.data ?? {}).length]).toEqual([
      200,
      undefined,
      10,
    ]);
  });

  it('says what is wrong with variables before it says what they cost', async () => {
    const query =
      'mutation ($input: CreatePaymentInput!) { createPayment(input: $input) { __typename } }';
    const input = { ...ORDER, amount: 'much', currency: 'XXX' };
    const { errors } = await alice.post(query, { input }, keyHeader('k'));
    expect(errors.map(({ extensions }) => extensions.code)).toEqual([
      'BAD_USER_INPUT',
      'BAD_USER_INPUT',
    ]);
  });
});
