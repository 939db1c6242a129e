import { MapperKind, mapSchema } from '@graphql-tools/utils';
import { defaultFieldResolver, GraphQLError } from 'graphql';
import { applyIdempotency } from '../../src/index.js';
import { codes, sdl, startServer, type TestContext } from '../graphql/apollo.js';
import { PAY, PAY_WITH_ARGUMENT, payments } from './payments.js';
import { expectUntouched, startSubject, statusOf, withKey, type Subject } from './subject.js';

describe('a key', () => {
  let subject: Subject;

  beforeEach(async () => {
    subject = await startSubject(payments({ apollo: { allowBatchedHttpRequests: true } }));
  });
  afterEach(() => subject.stop());

  it('row 1: a required key that is absent is asked for, and nothing runs', async () => {
    const response = await subject.post(PAY);
    expectUntouched(subject, response, 'IDEMPOTENCY_KEY_REQUIRED');
    expect(statusOf(response, 'pay')).toBe('rejected');
  });

  it('row 2: an optional key that is absent runs the mutation unprotected, and says so', async () => {
    const query = 'mutation { tip { id } }';
    expect((await subject.post(query)).body).toEqual({ data: { tip: { id: '1' } } });
    expect((await subject.post(query)).body).toEqual({ data: { tip: { id: '2' } } });
    expect({ runs: subject.runs, asked: subject.asked }).toEqual({
      runs: ['tip', 'tip'],
      asked: [],
    });
    expect(subject.events.filter(({ type }) => type === 'missingKey')).toHaveLength(2);
  });

  it.each([
    ['row 8: a megabyte', 'x'.repeat(1_048_576)],
    ['row 11: an emoji', 'k🙂'],
    ['row 11: right-to-left text', 'מפתח'],
    ['row 11: a zero-width space', 'k\u200b1'],
    ['row 11: é in NFC', 'cl\u00e9'],
    ['row 11: é in NFD', 'cle\u0301'],
    ['row 12: a line break', 'a\r\nb'],
    ['row 12: a line feed at the end', 'a\n'],
    ['row 13: a zero byte', 'a\u0000b'],
  ])('%s in the argument is refused before the store is asked', async (_, key) => {
    const response = await subject.post(PAY_WITH_ARGUMENT, { variables: { key } });
    expectUntouched(subject, response, 'IDEMPOTENCY_KEY_INVALID');
    expect(JSON.stringify(response.body)).not.toContain(key.slice(0, 100));
  });

  it.each([
    ['row 25: __proto__', '__proto__'],
    ['row 25: constructor', 'constructor'],
    ['row 25: toString', 'toString'],
    ['row 25: hasOwnProperty', 'hasOwnProperty'],
    ['row 26: braces', '{}'],
    ['row 26: braces the other way round', '}{'],
    ['row 26: an asterisk', '*'],
    ['row 26: a question mark', '?'],
    ['row 26: an opened bracket', '[a'],
    ['row 27: what looks like a key of Redis', 'idempotency:{x}'],
    ['row 33: a key that is easily guessed', '1'],
    ['row 33: another one', 'test'],
  ])('%s is an ordinary key', async (_, key) => {
    const first = await subject.post(PAY, withKey(key));
    const second = await subject.post(PAY, withKey(key));
    expect(second.body.data).toEqual(first.body.data);
    expect(statusOf(second, 'pay')).toBe('replayed');
    const other = await subject.post(PAY, { ...withKey(key), user: 'bob' });
    expect(statusOf(other, 'pay')).toBe('executed');
    expect(subject.runs).toEqual(['pay', 'pay']);
  });

  it.each([
    ['row 24: a header for two fields of one mutation', 'a: pay { id } b: pay(amount: 6) { id }'],
    [
      'row 24: a header for a bare field beside one with a key',
      'a: pay { id } b: pay(idempotencyKey: "k1") { id }',
    ],
  ])('%s is ambiguous before any field runs', async (_, fields) => {
    const response = await subject.post(`mutation { rename ${fields} }`, withKey('k1'));
    expectUntouched(subject, response, 'IDEMPOTENCY_KEY_AMBIGUOUS');
  });

  it('row 24: a header for two mutations names two records', async () => {
    const query = 'mutation { pay { id } book { id } }';
    const first = await subject.post(query, withKey('k1'));
    expect(first.body.data).toEqual({ pay: { id: '1' }, book: { id: '2' } });
    expect((await subject.post(query, withKey('k1'))).body.data).toEqual(first.body.data);
    expect(subject.runs).toEqual(['pay', 'book']);
  });

  it.each([
    ['row 29: an Int', '5'],
    ['row 29: a list', '["k1"]'],
    ['row 29: an object', '{ key: "k1" }'],
  ])('%s as the argument is a validation error', async (_, literal) => {
    const response = await subject.post(`mutation { pay(idempotencyKey: ${literal}) { id } }`);
    expect(response.status).toBe(400);
    expectUntouched(subject, response, 'GRAPHQL_VALIDATION_FAILED');
  });

  it.each<[string, unknown]>([
    ['row 29: an Int', 5],
    ['row 29: a list', ['k1']],
    ['row 29: an object', { key: 'k1' }],
  ])('%s as the variable is bad user input', async (_, key) => {
    const response = await subject.post(PAY_WITH_ARGUMENT, { variables: { key } });
    expectUntouched(subject, response, 'BAD_USER_INPUT');
  });

  it.each<[string, string, Record<string, unknown>]>([
    ['row 30: null as a literal', 'mutation { pay(idempotencyKey: null) { id } }', {}],
    ['row 30: null as a variable', PAY_WITH_ARGUMENT, { key: null }],
    ['row 30: a variable that is not given', PAY_WITH_ARGUMENT, {}],
  ])(
    '%s is no key: the header counts, and without one it is asked for',
    async (_, query, variables) => {
      expectUntouched(
        subject,
        await subject.post(query, { variables }),
        'IDEMPOTENCY_KEY_REQUIRED',
      );
      const first = await subject.post(query, { variables, ...withKey('k1') });
      const second = await subject.post(PAY, withKey('k1'));
      expect(first.body.errors).toBeUndefined();
      expect(statusOf(second, 'pay')).toBe('replayed');
    },
  );

  it('row 31: a variable and a literal are one key', async () => {
    await subject.post(PAY_WITH_ARGUMENT, { variables: { key: 'k1' } });
    const second = await subject.post('mutation { pay(idempotencyKey: "k1") { id } }');
    expect(statusOf(second, 'pay')).toBe('replayed');
    expect(subject.runs).toEqual(['pay']);
  });

  it('row 32: a key in the extensions of a batched operation is none', async () => {
    const extensions = { idempotencyKey: 'k1' };
    const answers = await subject.postBatch([{ query: PAY, extensions }]);
    expect(JSON.stringify(answers)).toContain('IDEMPOTENCY_KEY_REQUIRED');
    expect({ runs: subject.runs, asked: subject.asked }).toEqual({ runs: [], asked: [] });
  });

  it('row 34: the same key of another mutation is another record', async () => {
    await subject.post(PAY, withKey('k1'));
    const other = await subject.post('mutation { book(amount: 6) { id amount } }', withKey('k1'));
    expect(other.body.data).toEqual({ book: { id: '2', amount: 6 } });
    expect(subject.runs).toEqual(['pay', 'book']);
  });

  it('row 35: the same key of another caller is another record, and nothing tells of the first', async () => {
    await subject.post(PAY, withKey('taken'));
    const shape = async (key: string): Promise<unknown> => {
      const { status, headers, body } = await subject.post(
        'mutation { pay(amount: 6) { amount } }',
        {
          ...withKey(key),
          user: 'bob',
        },
      );
      const marks = body.extensions?.idempotency?.['pay'];
      return { status, headers: [...headers.keys()], data: body.data, ...marks, expiresAt: 0 };
    };
    const before = subject.asked.length;
    expect(await shape('taken')).toEqual(await shape('free'));
    // Bob's two requests ask the store the same questions.
    expect(subject.asked.slice(before)).toEqual(['begin', 'complete', 'begin', 'complete']);
  });

  it('row 37: the scope a with the key bc is not the scope ab with the key c', async () => {
    await subject.post(PAY, { ...withKey('bc'), user: 'a' });
    const other = await subject.post(PAY, { ...withKey('c'), user: 'ab' });
    expect(statusOf(other, 'pay')).toBe('executed');
    expect(subject.runs).toEqual(['pay', 'pay']);
  });
});

it.each<[string, () => unknown]>([
  ['row 36: undefined', () => undefined],
  ['row 36: null', () => null],
  ['row 36: an empty string', () => ''],
  ['row 36: NaN', () => NaN],
  ['row 36: an object', () => ({ id: 'alice' })],
  [
    'row 36: a throw',
    () => {
      throw new Error('secret');
    },
  ],
  ['row 36: a rejection', () => Promise.reject(new Error('secret'))],
])('%s as the scope runs nothing', async (_, scope) => {
  const subject = await startSubject(payments({ options: { scope: scope as () => string } }));
  const response = await subject.post(PAY, withKey('k1'));
  expectUntouched(subject, response, 'IDEMPOTENCY_SCOPE_REQUIRED');
  expect(JSON.stringify(response.body)).not.toContain('secret');
  await subject.stop();
});

describe('a caller who is not known', () => {
  it('row 38: is turned away by a guard before any record is looked at', async () => {
    let runs = 0;
    const schema = mapSchema(
      applyIdempotency(
        sdl('type Query { ping: String } type Mutation { pay: Int @idempotent }', {
          Mutation: { pay: () => (runs += 1) },
        }),
      ),
      {
        [MapperKind.MUTATION_ROOT_FIELD]: ({ resolve = defaultFieldResolver, ...field }) => ({
          ...field,
          resolve: (source, args, context: TestContext, info) => {
            if (context.user !== null) return resolve(source, args, context, info);
            throw new GraphQLError('Who?', { extensions: { code: 'UNAUTHENTICATED' } });
          },
        }),
      },
    );
    const server = await startServer(schema, { scope: 'global' });
    const refused = await server.post('mutation { pay }', { ...withKey('k1'), user: null });
    expect(codes(refused)).toEqual(['UNAUTHENTICATED']);
    expect(server.events).toEqual([]);
    const first = await server.post('mutation { pay }', withKey('k1'));
    expect(first.body.data).toEqual({ pay: 1 });
    // With a record to replay, a guard still comes first.
    const again = await server.post('mutation { pay }', { ...withKey('k1'), user: null });
    expect(codes(again)).toEqual(['UNAUTHENTICATED']);
    expect(runs).toBe(1);
    await server.stop();
  });

  it('row 38: is not remembered when the resolver itself turns them away', async () => {
    let loggedIn = false;
    const subject = await startSubject(
      payments({
        mutations: {
          pay: () => {
            if (loggedIn) return { id: '1', amount: 5 };
            throw new GraphQLError('Who?', { extensions: { code: 'UNAUTHENTICATED' } });
          },
        },
      }),
    );
    expect(codes(await subject.post(PAY, withKey('k1')))).toEqual(['UNAUTHENTICATED']);
    expect(subject.asked).toEqual(['begin', 'release']);
    loggedIn = true;
    const second = await subject.post(PAY, withKey('k1'));
    expect(second.body.data).toEqual({ pay: { id: '1', amount: 5 } });
    await subject.stop();
  });
});
