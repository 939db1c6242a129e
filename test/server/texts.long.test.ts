import fc from 'fast-check';
import { ViewerDocument } from '../client/generated/graphql.js';
import type { Client } from '../client/client.js';
import { fuzzing } from '../support/fuzz.js';
import { ORDER, startPayments, type TestPaymentsServer } from './start.js';

const PAY = `mutation ($input: CreatePaymentInput!, $key: String) {
  createPayment(input: $input, idempotencyKey: $key) { __typename ... on Payment { id reference } }
}`;
const REFUND = `mutation ($input: RefundPaymentInput!, $key: String) {
  refundPayment(input: $input, idempotencyKey: $key) { id }
}`;
const RENAME =
  'mutation ($id: ID!, $name: String!) { renameAccount(id: $id, name: $name) { name } }';

/** Text that SQLite, UTF-8 or a terminal could make something else of. */
const text = fc
  .array(
    fc.oneof(
      fc.constantFrom(
        '\u0000',
        '\ud800',
        '\udc00',
        '\u001b',
        '\n',
        '\u0085',
        '\u007f',
        ' ',
        '\u202e',
      ),
      fc.constantFrom(
        '\ufeff',
        '\u{1f469}\u200d\u{1f467}',
        'e\u0301',
        '\u00e9',
        '\u2028',
        '\ufffd',
        "'",
        '"',
      ),
      fc.string({ unit: 'binary', maxLength: 5 }),
    ),
    { maxLength: 6 },
  )
  .map((parts) => parts.join(''));

describe('text that the payments server is given', () => {
  let server: TestPaymentsServer;
  let alice: Client;
  let keyNumber = 0;

  beforeAll(async () => {
    server = await startPayments();
    alice = server.as('alice');
  });
  afterAll(() => server.stop());

  const state = async (): Promise<unknown> => [
    (await alice.send(ViewerDocument, {})).data,
    (await alice.post('{ payments { totalCount nodes { id reference refunds { id } } } }')).data,
  ];
  const newKey = (): string => `text-${String((keyNumber += 1))}`;

  it('is kept exactly, or refused before anything moves', async () => {
    const { seed, numRuns } = fuzzing(150);
    await fc.assert(
      fc.asyncProperty(text, async (given) => {
        const before = await state();
        for (const [sent, read] of [
          [
            await alice.post(PAY, {
              input: { ...ORDER, amount: 1, reference: given },
              key: newKey(),
            }),
            (data: Record<string, unknown>) =>
              (data['createPayment'] as { reference: unknown }).reference,
          ],
          [
            await alice.post(RENAME, { id: 'acct_alice_usd', name: given }),
            (data: Record<string, unknown>) => (data['renameAccount'] as { name: unknown }).name,
          ],
        ] as const) {
          const { errors, data } = sent;
          if (errors.length === 0) {
            expect(read(data ?? {})).toBe(given);
            return;
          }
          expect(errors.map(({ extensions }) => extensions.code)).toEqual(['BAD_USER_INPUT']);
          expect(await state()).toEqual(before);
        }
      }),
      { seed, numRuns },
    );
  });

  const paid = async (): Promise<string> => {
    const { data } = await alice.post(PAY, { input: { ...ORDER, amount: 1 }, key: newKey() });
    return (data?.['createPayment'] as { id: string }).id;
  };

  it.each<[string, string, (behind: string) => Promise<Record<string, unknown>>]>([
    [
      'input.reference',
      PAY,
      (t) => Promise.resolve({ input: { ...ORDER, reference: `x${t}` }, key: newKey() }),
    ],
    [
      'input.from',
      PAY,
      (t) => Promise.resolve({ input: { ...ORDER, from: ORDER.from + t }, key: newKey() }),
    ],
    [
      'input.to',
      PAY,
      (t) => Promise.resolve({ input: { ...ORDER, to: ORDER.to + t }, key: newKey() }),
    ],
    [
      'input.paymentId',
      REFUND,
      async (t) => ({ input: { paymentId: (await paid()) + t }, key: newKey() }),
    ],
    ['id', RENAME, (t) => Promise.resolve({ id: `acct_alice_eur${t}`, name: 'x' })],
    ['name', RENAME, (t) => Promise.resolve({ id: 'acct_alice_eur', name: `x${t}` })],
    [
      'id',
      'query ($id: ID!) { account(id: $id) { id } }',
      (t) => Promise.resolve({ id: `acct_alice_eur${t}` }),
    ],
    [
      'id',
      'query ($id: ID!) { payment(id: $id) { id } }',
      async (t) => ({ id: (await paid()) + t }),
    ],
    [
      'after',
      'query ($after: String) { payments(after: $after) { totalCount } }',
      (t) => Promise.resolve({ after: t }),
    ],
  ])(
    'is refused as %s of %s when it has a control character or half of one',
    async (name, query, variables) => {
      for (const [unwanted, code] of [
        ['\u0000', 'U+0000'],
        ['\u0000tail', 'U+0000'],
        ['\u001b[2J', 'U+001B'],
        ['\n', 'U+000A'],
        ['\u007f', 'U+007F'],
        ['\u0085', 'U+0085'],
        ['\ud83d', 'U+D83D'],
        ['\udc69\ud83d', 'U+DC69'],
      ]) {
        const values = await variables(unwanted ?? '');
        const before = await state();
        const { errors } = await alice.post(query, values);
        // The library refuses halves of surrogate pairs itself where a mutation is marked.
        const half = `The argument "${name}" has half of a surrogate pair in it.`;
        expect([half, `${name} must not contain the character ${String(code)}.`]).toContain(
          errors[0]?.message,
        );
        expect(errors[0]?.extensions.code).toBe('BAD_USER_INPUT');
        expect(await state()).toEqual(before);
      }
    },
  );

  it('is refused as a literal too, and the corrected request goes through with the same key', async () => {
    const key = newKey();
    const pay = (reference: string): ReturnType<Client['post']> =>
      alice.post(`mutation { createPayment(input: { from: "acct_alice_eur", to: "acct_bob_eur",
        amount: 1, currency: EUR, reference: "${reference}" }, idempotencyKey: "${key}") {
        ... on Payment { reference } } }`);
    for (const unwanted of ['a\\u0000b', '\\uD83D', '\\u{1b}']) {
      expect((await pay(unwanted)).errors[0]?.message).toMatch(/must not contain|Syntax Error/);
    }
    expect((await pay('a\\u{1f469}b')).data).toEqual({
      createPayment: { reference: 'a\u{1f469}b' },
    });
  });
});
