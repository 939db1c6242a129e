import type { Client } from '../client/client.js';
import { CreatePaymentDocument, ViewerDocument } from '../client/generated/graphql.js';
import { keyHeader, ORDER, startPayments, type TestPaymentsServer } from './start.js';

const PAY = `mutation ($input: CreatePaymentInput!, $key: String) {
  createPayment(input: $input, idempotencyKey: $key) { __typename ... on Payment { id } }
}`;

describe('bad input to the payments server', () => {
  let server: TestPaymentsServer;
  let alice: Client;

  beforeAll(async () => {
    server = await startPayments();
    alice = server.as('alice');
  });
  afterAll(() => server.stop());

  let before: unknown;
  const balances = async (): Promise<unknown> =>
    (
      await Promise.all(
        ['alice', 'bob', 'carol'].map((name) => server.as(name).send(ViewerDocument, {})),
      )
    ).map(({ data }) => data);
  beforeEach(async () => {
    before = await balances();
  });

  async function expectRefused(
    code: string,
    variables: Record<string, unknown>,
    headers: Record<string, string> = {},
    client = alice,
  ): Promise<string> {
    const { errors, data } = await client.post(PAY, variables, headers);
    expect(errors.map(({ extensions }) => extensions.code)).toEqual([code]);
    expect(data ?? null).toBeNull();
    expect(await balances()).toEqual(before);
    return errors[0]?.message ?? '';
  }

  it.each([
    ['a negative amount', { amount: -1 }, 'The amount must be above 0'],
    ['an amount of 0', { amount: 0 }, 'The amount must be above 0'],
    ['an amount that is no Int', { amount: 1.5 }, 'Int cannot represent non-integer value'],
    ['an amount beyond 2^53', { amount: 2 ** 53 + 2 }, 'Int cannot represent'],
    ['an amount as text', { amount: '5' }, 'Int cannot represent'],
    ['an account that does not exist', { to: 'acct_nobody_eur' }, 'There is no account'],
    ['the bank’s own account', { to: 'acct_bank_eur' }, 'There is no account'],
    [
      'a payer that does not exist',
      { from: 'acct_nobody_eur' },
      'You have no account "acct_nobody_eur"',
    ],
    ['somebody else’s account', { from: 'acct_bob_eur' }, 'You have no account "acct_bob_eur"'],
    ['the account __proto__', { from: '__proto__' }, 'You have no account "__proto__"'],
    ['a currency that does not exist', { currency: 'XXX' }, 'does not exist in "Currency" enum'],
    ['a reference that is too long', { reference: 'x'.repeat(141) }, 'at most 140 characters'],
    ['a field that does not exist', { tip: 5 }, 'Field "tip" is not defined'],
  ])('such as %s is a clear error and moves nothing', async (_, change, message) => {
    const input = { ...ORDER, ...change };
    const headers = keyHeader('bad-1');
    expect(await expectRefused('BAD_USER_INPUT', { input }, headers)).toContain(message);
    // It is not kept against the key: the corrected request goes through.
    expect(await expectRefused('BAD_USER_INPUT', { input }, headers)).toContain(message);
  });

  it.each([
    ['nobody', undefined],
    ['a stranger', 'mallory'],
    ['a name of Object.prototype', 'constructor'],
    ['two words', 'alice bob'],
  ])('such as %s as the caller is refused, with or without a record', async (_, caller) => {
    await alice.send(CreatePaymentDocument, { input: ORDER, key: 'taken' });
    before = await balances();
    const client = server.as(caller);
    const messages = new Set<string>();
    for (const key of ['taken', 'free']) {
      messages.add(await expectRefused('UNAUTHENTICATED', { input: ORDER, key }, {}, client));
    }
    expect(messages.size).toBe(1);
  });

  it('such as another Authorization scheme is refused', async () => {
    const basic = { authorization: 'Basic alice', ...keyHeader('k') };
    await expectRefused('UNAUTHENTICATED', { input: ORDER }, basic, server.as(undefined));
  });

  it('reveals to nobody whether somebody else’s key exists', async () => {
    await alice.send(CreatePaymentDocument, { input: ORDER, key: 'mine' });
    before = await balances();
    const bob = server.as('bob');
    const messages = new Set<string>();
    for (const key of ['mine', 'not-mine']) {
      messages.add(await expectRefused('BAD_USER_INPUT', { input: ORDER, key }, {}, bob));
    }
    expect(messages.size).toBe(1);
  });

  it.each([
    ['none', 'IDEMPOTENCY_KEY_REQUIRED', {}, {}],
    ['an empty header', 'IDEMPOTENCY_KEY_INVALID', {}, keyHeader('')],
    ['a header with spaces', 'IDEMPOTENCY_KEY_INVALID', {}, keyHeader('a b')],
    ['256 characters', 'IDEMPOTENCY_KEY_INVALID', {}, keyHeader('x'.repeat(256))],
    ['latin-1 in the header', 'IDEMPOTENCY_KEY_INVALID', {}, keyHeader('cl\u00e9')],
    ['a list', 'IDEMPOTENCY_KEY_INVALID', {}, keyHeader('a, b')],
    ['an empty argument', 'IDEMPOTENCY_KEY_INVALID', { key: '' }, {}],
    ['a line break', 'IDEMPOTENCY_KEY_INVALID', { key: 'a\r\nb' }, {}],
    ['two different ones', 'IDEMPOTENCY_KEY_INVALID', { key: 'a' }, keyHeader('b')],
  ])('such as %s for a key is refused', async (_, code, key, headers) => {
    await expectRefused(code, { input: ORDER, ...key }, headers);
  });

  it('such as one header for two payments runs neither', async () => {
    const query = `mutation ($input: CreatePaymentInput!) {
      one: createPayment(input: $input) { __typename }
      two: createPayment(input: $input) { __typename }
    }`;
    const { errors } = await alice.post(query, { input: ORDER }, keyHeader('two'));
    expect(errors[0]?.extensions.code).toBe('IDEMPOTENCY_KEY_AMBIGUOUS');
    expect(await balances()).toEqual(before);
  });

  it('such as a repeated header is refused: Node joins it to a list', async () => {
    const response = await fetch(server.url, {
      method: 'POST',
      headers: [
        ['content-type', 'application/json'],
        ['authorization', 'Bearer alice'],
        ['idempotency-key', 'same'],
        ['idempotency-key', 'same'],
      ],
      body: JSON.stringify({ query: PAY, variables: { input: ORDER } }),
    });
    expect(JSON.stringify(await response.json())).toContain('IDEMPOTENCY_KEY_INVALID');
    expect(await balances()).toEqual(before);
  });

  it.each([
    ['that is no JSON', '{bad', 400, 'not valid JSON'],
    ['that is too large', JSON.stringify({ query: 'x'.repeat(1_100_000) }), 413, 'larger than'],
  ])('such as a body %s is answered in JSON', async (_, body, status, message) => {
    const headers = { 'content-type': 'application/json' };
    const response = await fetch(server.url, { method: 'POST', headers, body });
    expect(response.status).toBe(status);
    const { errors } = (await response.json()) as { errors: [{ message: string }] };
    expect(errors[0].message).toContain(message);
  });
});
