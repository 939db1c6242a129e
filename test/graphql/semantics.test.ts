import { GraphQLError } from 'graphql';
import { IDEMPOTENCY_DEFAULTS, type IdempotencyOptions } from '../../src/index.js';
import { codes, sdl, startServer, type TestContext, type TestServer } from './apollo.js';

const typeDefs = /* GraphQL */ `
  scalar JSON
  enum Currency {
    EUR
    USD
  }
  input PayInput {
    amount: Int!
    currency: Currency = EUR
    note: String
    price: Float
    id: ID
    tags: [String!]
    clientMutationId: String
    idempotencyKey: String
    extra: JSON
  }
  type Payment {
    id: ID!
    amount: Int!
    currency: Currency!
    note: String
  }
  type Query {
    ping: String
  }
  type Mutation {
    pay(input: PayInput!, idempotencyKey: String): Payment @idempotent
    refund(amount: Int!, requestId: String): Payment @idempotent(argument: "requestId")
    optional(amount: Int!): Int @idempotent(required: false)
    unmarked(amount: Int!): Int
    fail(code: String): Int @idempotent
    sealed: Int @idempotent(onError: SEAL)
    nothing: Int! @idempotent
  }
`;

interface PayInput {
  amount: number;
  currency: string;
  note?: string;
}

describe('a server with marked mutations', () => {
  let calls: string[];
  let server: TestServer;

  async function start(options: Partial<IdempotencyOptions<TestContext>> = {}): Promise<void> {
    calls = [];
    let id = 0;
    const paid = (name: string, input: Partial<PayInput>): object => {
      calls.push(name);
      return { id: String((id += 1)), currency: 'EUR', ...input };
    };
    const schema = sdl(typeDefs, {
      Mutation: {
        pay: (_: unknown, { input }: { input: PayInput }) => {
          const payment = paid('pay', { ...input });
          input.amount = -1;
          return payment;
        },
        refund: (_: unknown, { amount }: PayInput) => paid('refund', { amount }),
        optional: (_: unknown, { amount }: PayInput) => (calls.push('optional'), amount),
        unmarked: (_: unknown, { amount }: PayInput) => (calls.push('unmarked'), amount),
        fail: (_: unknown, { code }: { code?: string }) => {
          calls.push('fail');
          if (code === 'FAILURE') throw new TypeError('boom');
          throw new GraphQLError('No.', { extensions: { code, detail: { left: 3 } } });
        },
        nothing: () => (calls.push('nothing'), null),
        sealed: () => {
          calls.push('sealed');
          throw new Error('boom');
        },
      },
    });
    server = await startServer(schema, options, { allowBatchedHttpRequests: true });
  }

  beforeEach(() => start());
  afterEach(() => server.stop());

  const key = (value: string): { headers: Record<string, string> } => ({
    headers: { 'Idempotency-Key': value },
  });
  const PAY = 'mutation { pay(input: { amount: 5 }) { id amount } }';

  describe('a repeated request', () => {
    it('has one effect and one answer (G1, G18)', async () => {
      const first = await server.post(PAY, key('k1'));
      const second = await server.post(PAY, key('k1'));
      expect(calls).toEqual(['pay']);
      expect(second.body.data).toEqual(first.body.data);
      expect(first.headers.get('idempotent-replayed')).toBeUndefined();
      expect(second.headers.get('idempotent-replayed')).toBe('true');
      expect(first.body.extensions?.idempotency).toEqual({
        pay: {
          status: 'executed',
          attempt: 1,
          kept: 'value',
          expiresAt: expect.any(String) as string,
        },
      });
      expect(second.body.extensions?.idempotency).toEqual({
        pay: {
          status: 'replayed',
          attempt: 1,
          kept: 'value',
          expiresAt: expect.any(String) as string,
        },
      });
    });

    it('is kept for ttlSeconds from completion (G20)', async () => {
      const { body } = await server.post(PAY, key('k1'));
      const expiresAt = Date.parse(String(body.extensions?.idempotency?.['pay']?.['expiresAt']));
      const remaining = expiresAt - Date.now();
      expect(Math.abs(remaining - IDEMPOTENCY_DEFAULTS.ttlSeconds * 1_000)).toBeLessThan(30_000);
    });

    it('answers another selection set, alias and operation name (G2)', async () => {
      await server.post(PAY, key('k1'));
      const second = await server.post(
        'mutation Other { renamed: pay(input: { amount: 5 }) { __typename identity: id currency note } }',
        key('k1'),
      );
      expect(second.body.data).toEqual({
        renamed: { __typename: 'Payment', identity: '1', currency: 'EUR', note: null },
      });
      expect(second.body.extensions?.idempotency).toHaveProperty('renamed.status', 'replayed');
    });

    it('of another caller is another request (G3)', async () => {
      await server.post(PAY, { ...key('k1'), user: 'alice' });
      const other = await server.post(PAY, { ...key('k1'), user: 'bob' });
      expect(other.body.data).toEqual({ pay: { id: '2', amount: 5 } });
      expect(other.body.extensions?.idempotency).toHaveProperty('pay.status', 'executed');
    });

    it('of another mutation is another request', async () => {
      await server.post(PAY, key('k1'));
      await server.post('mutation { refund(amount: 5) { id } }', key('k1'));
      expect(calls).toEqual(['pay', 'refund']);
    });

    it('with other arguments is refused and reveals nothing (G4)', async () => {
      await server.post(PAY, key('k1'));
      const other = await server.post('mutation { pay(input: { amount: 6 }) { id } }', key('k1'));
      expect(codes(other)).toEqual(['IDEMPOTENCY_KEY_PARAMETER_MISMATCH']);
      expect(other.status).toBe(200);
      expect(other.body.data).toEqual({ pay: null });
      expect(other.body.errors?.[0]).toMatchObject({
        path: ['pay'],
        message:
          'This idempotency key was used with other arguments. A deploy that changed a default value ' +
          'can cause this too. A new key is a new request, with an effect of its own.',
        extensions: {
          retryable: false,
          hint: expect.stringContaining('A request with a new key is a new effect.') as string,
        },
      });
      expect(other.body.extensions?.idempotency).toEqual({ pay: { status: 'rejected' } });
      expect(calls).toEqual(['pay']);
    });
  });

  describe('keys (G5)', () => {
    it.each([
      ['the argument', 'mutation { pay(input: { amount: 5 }, idempotencyKey: "k1") { id } }', {}],
      ['the input', 'mutation { pay(input: { amount: 5, idempotencyKey: "k1" }) { id } }', {}],
      ['the directive', 'mutation { pay(input: { amount: 5 }) @idempotent(key: "k1") { id } }', {}],
      ['a quoted header', PAY, { 'idempotency-key': '"k1"' }],
      [
        'every place at once',
        'mutation { pay(input: { amount: 5, idempotencyKey: "k1" }, idempotencyKey: "k1") @idempotent(key: "k1", ttlSeconds: 1) { id } }',
        { 'idempotency-key': 'k1' },
      ],
    ])('may come from %s', async (_, query, headers) => {
      await server.post(PAY, key('k1'));
      const second = await server.post(query, { headers });
      expect(second.body.errors).toBeUndefined();
      expect(second.headers.get('idempotent-replayed')).toBe('true');
      expect(calls).toEqual(['pay']);
    });

    it('may come from a variable', async () => {
      const query =
        'mutation ($key: String) { pay(input: { amount: 5 }) @idempotent(key: $key) { id } }';
      await server.post(query, { variables: { key: 'k1' } });
      const second = await server.post(PAY, key('k1'));
      expect(second.headers.get('idempotent-replayed')).toBe('true');
    });

    it('may come from the argument that the directive names', async () => {
      await server.post('mutation { refund(amount: 5, requestId: "k1") { id } }');
      await server.post('mutation { refund(amount: 5, requestId: "k1") { id } }');
      expect(calls).toEqual(['refund']);
    });

    it('that differ are refused', async () => {
      const query = 'mutation { pay(input: { amount: 5 }, idempotencyKey: "k2") { id } }';
      expect(codes(await server.post(query, key('k1')))).toEqual(['IDEMPOTENCY_KEY_INVALID']);
      expect(calls).toEqual([]);
    });

    it('that differ between merged fields are refused', async () => {
      const query = `mutation {
        pay(input: { amount: 5 }) @idempotent(key: "k1") { id }
        pay(input: { amount: 5 }) @idempotent(key: "k2") { amount }
      }`;
      expect(codes(await server.post(query))).toEqual(['IDEMPOTENCY_KEY_INVALID']);
      expect(calls).toEqual([]);
    });

    it('are required unless the mutation says otherwise', async () => {
      const missing = await server.post(PAY);
      expect(codes(missing)).toEqual(['IDEMPOTENCY_KEY_REQUIRED']);
      expect(
        codes(
          await server.post('mutation { pay(input: { amount: 5 }, idempotencyKey: null) { id } }'),
        ),
      ).toEqual(['IDEMPOTENCY_KEY_REQUIRED']);
      const optional = await server.post('mutation { optional(amount: 1) }');
      expect(optional.body).toEqual({ data: { optional: 1 } });
      expect(calls).toEqual(['optional']);
      expect(server.events).toContainEqual({
        type: 'missingKey',
        operation: 'Mutation.optional',
        refused: false,
      });
    });

    it.each([
      ['empty', ''],
      ['blank', '   '],
      ['quoted and empty', '""'],
      ['of 256 characters', 'x'.repeat(256)],
      ['not ASCII', 'clé'],
      ['with a semicolon', 'a;b'],
      ['with a comma', 'a,b'],
      ['sent twice', 'k1, k2'],
      ['half quoted', '"k1'],
      ['with malformed parameters', '"k1";=1'],
    ])('in a header that is %s are refused before anything runs', async (_, header) => {
      const response = await server.post(
        'mutation { unmarked(amount: 1) pay(input: { amount: 5 }) { id } }',
        key(header),
      );
      expect(codes(response)).toEqual(['IDEMPOTENCY_KEY_INVALID']);
      expect(response.status).toBe(200);
      expect(JSON.stringify(response.body)).not.toContain(header.trim() || 'nothing');
      expect(calls).toEqual([]);
    });

    it.each([
      ['empty', ''],
      ['blank', ' '],
      ['of 256 characters', 'x'.repeat(256)],
      ['with a line break', 'a\r\nb'],
      ['with a zero byte', 'a\u0000b'],
      ['not ASCII', 'ключ'],
      ['an emoji', '🙂'],
      ['with a quote', 'a"b'],
      ['with a backslash', 'a\\b'],
      ['a megabyte long', 'x'.repeat(1_000_000)],
    ])('in an argument that are %s are refused', async (_, value) => {
      const query =
        'mutation ($key: String) { pay(input: { amount: 5 }, idempotencyKey: $key) { id } }';
      const response = await server.post(query, { variables: { key: value } });
      expect(codes(response)).toEqual(['IDEMPOTENCY_KEY_INVALID']);
      expect(calls).toEqual([]);
    });

    it.each(['x'.repeat(255), '__proto__', 'constructor', 'toString', '1', 'a:b/c=d~'])(
      'such as %s are ordinary',
      async (value) => {
        await server.post(PAY, key(value));
        const second = await server.post(PAY, key(value));
        expect(second.headers.get('idempotent-replayed')).toBe('true');
        expect(calls).toEqual(['pay']);
      },
    );
  });

  it('marks a response as replayed only if all of its marked fields were (G18)', async () => {
    const query = 'mutation { refund(amount: 5, requestId: "k1") { id } optional(amount: 1) }';
    await server.post(query);
    const second = await server.post(query);
    expect(second.body.extensions?.idempotency).toHaveProperty('refund.status', 'replayed');
    expect(second.headers.get('idempotent-replayed')).toBeUndefined();
    expect(calls).toEqual(['refund', 'optional', 'optional']);
  });

  it('leaves arguments that are wrong to the executor', async () => {
    const query = 'mutation ($amount: Int = 5) { refund(amount: $amount) { id } }';
    const wrong = await server.post(query, { ...key('k1'), variables: { amount: null } });
    expect(wrong.status).toBe(200);
    // In the words of graphql 16 or of graphql 17.
    expect(wrong.body.errors?.[0]?.message).toMatch(/must not be null|not to be null/);
    expect(calls).toEqual([]);
  });

  describe('one key that stands for two intents (G6)', () => {
    it('is refused for one mutation under two aliases', async () => {
      const query = `mutation {
        unmarked(amount: 1)
        a: pay(input: { amount: 5 }) { id }
        ... on Mutation { b: pay(input: { amount: 6 }) { id } }
      }`;
      const response = await server.post(query, key('k1'));
      expect(codes(response)).toEqual(['IDEMPOTENCY_KEY_AMBIGUOUS']);
      expect(calls).toEqual([]);
    });

    it('is refused in a batch', async () => {
      const bodies = await server.postBatch([{ query: PAY }, { query: PAY }], {
        'idempotency-key': 'k1',
      });
      expect(JSON.stringify(bodies).match(/IDEMPOTENCY_KEY_AMBIGUOUS/g)).toHaveLength(2);
      expect(calls).toEqual([]);
    });

    it('is fine for two mutations, and for a skipped one', async () => {
      const query = `mutation ($no: Boolean = false) {
        pay(input: { amount: 5 }) { id }
        refund(amount: 5) { id }
        again: pay(input: { amount: 6 }) @include(if: $no) { id }
      }`;
      const response = await server.post(query, key('k1'));
      expect(response.body.errors).toBeUndefined();
      expect(calls).toEqual(['pay', 'refund']);
    });

    it('is no matter when every selection has a key of its own', async () => {
      const query = `mutation {
        a: pay(input: { amount: 5 }) @idempotent(key: "k1") { id }
        b: pay(input: { amount: 6 }) @idempotent(key: "k2") { id }
        c: pay(input: { amount: 5 }) @idempotent(key: "k1") { id }
      }`;
      const response = await server.post(query);
      expect(response.body.data).toEqual({ a: { id: '1' }, b: { id: '2' }, c: { id: '1' } });
      expect(response.headers.get('idempotent-replayed')).toBeUndefined();
    });
  });

  describe('arguments (G7)', () => {
    const same: [string, string, string][] = [
      ['field order', '{ amount: 5, note: "n" }', '{ note: "n", amount: 5 }'],
      ['a default that is spelled out', '{ amount: 5 }', '{ amount: 5, currency: EUR }'],
      ['the spelling of a float', '{ amount: 5, price: 1 }', '{ amount: 5, price: 1.0 }'],
      ['the spelling of an id', '{ amount: 5, id: 7 }', '{ amount: 5, id: "7" }'],
      ['a single item for a list', '{ amount: 5, tags: "a" }', '{ amount: 5, tags: ["a"] }'],
      [
        'clientMutationId',
        '{ amount: 5, clientMutationId: "1" }',
        '{ amount: 5, clientMutationId: "2" }',
      ],
    ];
    it.each(same)('do not differ by %s', async (_, one, two) => {
      await server.post(`mutation { pay(input: ${one}) { id } }`, key('k1'));
      const second = await server.post(`mutation { pay(input: ${two}) { id } }`, key('k1'));
      expect(second.body.errors).toBeUndefined();
      expect(calls).toEqual(['pay']);
    });

    it('do not differ between literal and variable', async () => {
      await server.post('mutation { pay(input: { amount: 5, currency: USD }) { id } }', key('k1'));
      const query = 'mutation ($input: PayInput!) { pay(input: $input) { id } }';
      const variables = { input: { currency: 'USD', amount: 5 } };
      expect((await server.post(query, { ...key('k1'), variables })).body.errors).toBeUndefined();
    });

    const different: [string, object, object][] = [
      ['null and absent', { note: null }, {}],
      ['null and a default', { currency: null }, {}],
      ['1 and "1"', { extra: 1 }, { extra: '1' }],
      ['an empty list and null', { tags: [] }, { tags: null }],
      ['list order', { tags: ['a', 'b'] }, { tags: ['b', 'a'] }],
      [
        'amounts under __proto__',
        { extra: JSON.parse('{"__proto__":{"a":1}}') as object },
        { extra: JSON.parse('{"__proto__":{"a":2}}') as object },
      ],
      ['constructor', { extra: { constructor: 1 } }, { extra: { constructor: 2 } }],
      ['toString', { extra: { toString: 1 } }, { extra: {} }],
      ['enum values', { currency: 'EUR' }, { currency: 'USD' }],
    ];
    it.each(different)('differ by %s', async (_, one, two) => {
      const query = 'mutation ($input: PayInput!) { pay(input: $input) { id } }';
      await server.post(query, { ...key('k1'), variables: { input: { amount: 5, ...one } } });
      const second = await server.post(query, {
        ...key('k1'),
        variables: { input: { amount: 5, ...two } },
      });
      expect(codes(second)).toEqual(['IDEMPOTENCY_KEY_PARAMETER_MISMATCH']);
      expect(calls).toEqual(['pay']);
    });

    it.each([
      ['a number beyond 2^53 as Int', { amount: 2 ** 53 + 2 }],
      ['a string as Int', { amount: '5' }],
      ['a string that is no enum value', { amount: 5, currency: 'XXX' }],
    ])('that GraphQL refuses leave no record: %s', async (_, input) => {
      const query = 'mutation ($input: PayInput!) { pay(input: $input) { id } }';
      expect(codes(await server.post(query, { ...key('k1'), variables: { input } }))).toEqual([
        'BAD_USER_INPUT',
      ]);
      expect((await server.post(PAY, key('k1'))).body.errors).toBeUndefined();
      expect(calls).toEqual(['pay']);
    });

    let deep: unknown = 1;
    for (let level = 0; level < 100; level += 1) deep = [deep];
    it.each([
      ['too deep', deep],
      ['too large', 'x'.repeat(1_100_000)],
      ['with half a surrogate pair', '\ud800'],
    ])('that are %s are refused', async (_, extra) => {
      const query = 'mutation ($input: PayInput!) { pay(input: $input) { id } }';
      const response = await server.post(query, {
        ...key('k1'),
        variables: { input: { amount: 5, extra } },
      });
      expect(codes(response)).toEqual(['BAD_USER_INPUT']);
      expect(calls).toEqual([]);
    });

    it('that are ignored may change', async () => {
      await server.stop();
      await start({ ignoreArguments: { 'Mutation.pay': ['input.note'] } });
      await server.post('mutation { pay(input: { amount: 5, note: "a" }) { id } }', key('k1'));
      await server.post('mutation { pay(input: { amount: 5, note: "b" }) { id } }', key('k1'));
      expect(calls).toEqual(['pay']);
    });
  });

  describe('errors (G9, G10)', () => {
    const fail = (code: string): string => `mutation { fail(code: "${code}") }`;

    it('thrown on purpose are replayed with message and extensions', async () => {
      const first = await server.post(fail('SOLD_OUT'), key('k1'));
      const second = await server.post(fail('SOLD_OUT'), key('k1'));
      expect(calls).toEqual(['fail']);
      expect(second.body.errors?.[0]).toMatchObject({
        message: 'No.',
        path: ['fail'],
        extensions: { code: 'SOLD_OUT', detail: { left: 3 } },
      });
      expect(first.body.errors?.[0]?.message).toBe('No.');
      expect(second.headers.get('idempotent-replayed')).toBe('true');
    });

    it('of the resolver are told from those that hide what it returned (G18)', async () => {
      const reports: unknown[] = [];
      for (const query of [fail('SOLD_OUT'), fail('SOLD_OUT'), 'mutation { nothing }']) {
        const { body } = await server.post(query, key('k1'));
        expect(body.errors?.map(({ path }) => path?.length)).toEqual([1]);
        reports.push(...Object.values(body.extensions?.idempotency ?? {}));
      }
      expect(reports).toMatchObject([
        { status: 'executed', error: true },
        { status: 'replayed', error: true },
        { status: 'executed' },
      ]);
      expect(reports[2]).not.toHaveProperty('error');
    });

    it.each(['UNAUTHENTICATED', 'FORBIDDEN', 'BAD_USER_INPUT', 'INTERNAL_SERVER_ERROR', 'FAILURE'])(
      'with code %s are not stored: a retry runs again',
      async (code) => {
        await server.post(fail(code), key('k1'));
        await server.post(fail(code), key('k1'));
        expect(calls).toEqual(['fail', 'fail']);
      },
    );

    it('after a failure seal the key where the mutation says so', async () => {
      const first = await server.post('mutation { sealed }', key('k1'));
      const second = await server.post('mutation { sealed }', key('k1'));
      expect(codes(first)).toEqual(['INTERNAL_SERVER_ERROR']);
      expect(codes(second)).toEqual(['IDEMPOTENCY_PREVIOUS_ATTEMPT_FAILED']);
      expect(calls).toEqual(['sealed']);
    });
  });

  describe('callers (G3)', () => {
    it.each([
      ['null', () => null],
      ['undefined', () => undefined],
      ['an empty string', () => ''],
      ['a number', () => NaN as unknown as string],
      ['too long', () => 'x'.repeat(1_025)],
      [
        'a throw',
        () => {
          throw new Error('secret');
        },
      ],
      ['a rejection', () => Promise.reject(new Error('secret'))],
    ])('that the scope function knows as %s are refused', async (_, scope) => {
      await server.stop();
      await start({ scope });
      const response = await server.post(PAY, key('k1'));
      expect(codes(response)).toEqual(['IDEMPOTENCY_SCOPE_REQUIRED']);
      expect(JSON.stringify(response.body)).not.toContain('secret');
      expect(calls).toEqual([]);
    });

    it.each<[unknown, string]>([
      [4242, 'returned a number'],
      [4242n, 'returned a bigint'],
      [true, 'returned a boolean'],
      [{ id: 4242 }, 'returned an object'],
      [[4242], 'returned an array'],
      [null, 'returned null'],
      [undefined, 'returned undefined'],
      ['', 'returned an empty string'],
      ['4242'.repeat(300), 'returned more than 1024 characters'],
      [Symbol('4242'), 'returned a symbol'],
      [(): string => '4242', 'returned a function'],
    ])('that the scope function knows as %p are told of its type alone', async (value, words) => {
      for (const scope of [() => value, () => Promise.resolve(value)]) {
        await server.stop();
        await start({ scope: scope as () => string });
        const [error] = (await server.post(PAY, key('k1'))).body.errors ?? [];
        expect(error?.message).toBe(
          `The caller is not known, so an idempotency key cannot be used: scope ${words}, and should ` +
            'have returned a string of 1 to 1024 characters. Nothing was executed.',
        );
        expect(JSON.stringify(error)).not.toContain('4242');
      }
    });
  });

  describe('limits and misuse (G17)', () => {
    it('refuses more marked fields than fieldsMax, counted after fragments', async () => {
      const fields = Array.from(
        { length: 10 },
        (_, i) => `f${String(i)}: pay(input: { amount: 5 }, idempotencyKey: "k") { id }`,
      );
      const query = `mutation { ${fields.join(' ')} ...more } fragment more on Mutation { last: pay(input: { amount: 5 }, idempotencyKey: "k") { id } }`;
      const response = await server.post(query);
      expect(codes(response)).toEqual(['IDEMPOTENCY_LIMIT_EXCEEDED']);
      expect(calls).toEqual([]);
    });

    it.each([
      ['a query', '{ ping @idempotent(key: "k1") }'],
      ['a nested field', 'mutation { pay(input: { amount: 5 }) { id @idempotent(key: "k1") } }'],
      ['an unmarked mutation', 'mutation { unmarked(amount: 1) @idempotent(key: "k1") }'],
    ])('refuses the directive on %s', async (_, query) => {
      const response = await server.post(query);
      expect(response.status).toBe(400);
      expect(codes(response)).toEqual(['GRAPHQL_VALIDATION_FAILED']);
      expect(calls).toEqual([]);
    });

    it('leaves other operations alone, whatever their headers say', async () => {
      const response = await server.post('{ ping __schema { queryType { name } } }', key(''));
      expect(response.body.errors).toBeUndefined();
      expect(response.body.extensions).toBeUndefined();
      expect((await server.post('mutation { unmarked(amount: 1) }', key(''))).body).toEqual({
        data: { unmarked: 1 },
      });
    });
  });

  it('maps refusals to HTTP statuses where asked, for a single root field (G19)', async () => {
    await server.stop();
    await start({ httpStatus: true });
    expect((await server.post(PAY)).status).toBe(400);
    expect((await server.post(PAY, key(''))).status).toBe(400);
    await server.post(PAY, key('k1'));
    const other = 'mutation { pay(input: { amount: 6 }) { id } }';
    expect((await server.post(other, key('k1'))).status).toBe(422);
    const two = 'mutation { pay(input: { amount: 6 }) { id } unmarked(amount: 1) }';
    expect((await server.post(two, key('k1'))).status).toBe(200);
  });
});
