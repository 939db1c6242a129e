import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { codes, sdl, startServer, type TestResponse } from '../graphql/apollo.js';
import { until } from '../support/until.js';
import { PAY, payments } from './payments.js';
import {
  expectUntouched,
  startHttpSubject,
  startSubject,
  statusOf,
  withKey,
  type Subject,
} from './subject.js';

const MISMATCH = 'IDEMPOTENCY_KEY_PARAMETER_MISMATCH';

/** `count` selections of one mutation under aliases, each with a key. */
function aliases(count: number, keyOf: (index: number) => string): string {
  return Array.from(
    { length: count },
    (_, index) => `a${String(index)}: pay(idempotencyKey: "${keyOf(index)}") { id }`,
  ).join(' ');
}

describe('a document', () => {
  let subject: Subject;

  beforeEach(async () => {
    subject = await startSubject(payments());
  });
  afterEach(() => subject.stop());

  it.each([
    ['row 75: 1 000 aliases with a key each', aliases(1_000, (index) => `k${String(index)}`), ''],
    ['row 75: 11 aliases with one key', aliases(11, () => 'k1'), ''],
    [
      'row 79: a field that a fragment hides',
      `${aliases(10, () => 'k1')} ...a`,
      'fragment a on Mutation { x: pay { id } }',
    ],
    [
      'row 79: a field that a fragment in a fragment hides',
      `${aliases(10, () => 'k1')} ...a`,
      'fragment a on Mutation { ...b } fragment b on Mutation { ... on Mutation { ... { x: pay { id } } } }',
    ],
  ])('%s is over the limit before anything runs', async (_, fields, fragments) => {
    const response = await subject.post(`mutation { rename ${fields} } ${fragments}`);
    expectUntouched(subject, response, 'IDEMPOTENCY_LIMIT_EXCEEDED');
  });

  it('row 75: as many marked fields as the limit are fine', async () => {
    const response = await subject.post(
      `mutation { ${aliases(10, (index) => `k${String(index)}`)} }`,
    );
    expect(response.body.errors).toBeUndefined();
    expect(subject.runs).toHaveLength(10);
  });

  it('row 76: one intent under ten aliases has one effect and ten equal answers', async () => {
    const response = await subject.post(`mutation { ${aliases(10, () => 'k1')} }`);
    const answers = Object.values(response.body.data ?? {});
    expect(answers).toEqual(new Array(10).fill({ id: '1' }));
    expect(subject.runs).toEqual(['pay']);
  });

  it('row 77: one key with two intents runs the first and refuses the second', async () => {
    const response = await subject.post(`mutation {
      a: pay(amount: 5, idempotencyKey: "k1") { amount }
      b: pay(amount: 6, idempotencyKey: "k1") { amount }
    }`);
    expect(response.body.data).toEqual({ a: { amount: 5 }, b: null });
    expect(codes(response)).toEqual([MISMATCH]);
    expect(subject.runs).toEqual(['pay']);
  });

  it.each([
    ['row 78: another alias', 'mutation { renamed: pay { id amount } }', undefined],
    [
      'row 86: __typename beside it',
      'mutation { __typename pay { __typename id amount } }',
      undefined,
    ],
    ['row 88: another operation name', 'mutation Again { pay { id amount } }', undefined],
    [
      'row 88: one of two operations',
      'mutation One { pay { id amount } } mutation Two { book { id } }',
      'One',
    ],
    [
      'row 79: a field in a fragment',
      'mutation { ...a } fragment a on Mutation { pay { id amount } }',
      undefined,
    ],
    ['row 80: a field that is selected twice', 'mutation { pay { id } pay { amount } }', undefined],
  ])('%s makes no other request', async (_, query, operationName) => {
    await subject.post(PAY, withKey('k1'));
    const second = await subject.post(query, {
      ...withKey('k1'),
      ...(operationName === undefined ? {} : { operationName }),
    });
    expect(second.body.errors).toBeUndefined();
    const { pay, renamed = pay } = second.body.data ?? {};
    expect(renamed).toMatchObject({ id: '1', amount: 5 });
    expect(subject.runs).toEqual(['pay']);
  });

  it.each([
    [
      'row 80: a field selected twice with other arguments',
      'pay(amount: 1) { id } pay(amount: 2) { id }',
    ],
    ['row 87: @defer under the field', 'pay { ... @defer { id } }'],
    ['row 87: @stream under the field', 'pay { id @stream(initialCount: 0) }'],
    ['row 91: an unknown field elsewhere', 'pay { id } nothing'],
    ['row 91: an unknown argument elsewhere', 'pay { id } rename(nothing: 1)'],
  ])('%s is a validation error, and leaves no record', async (_, fields) => {
    const response = await subject.post(`mutation { ${fields} }`, withKey('k1'));
    // Where one mistake breaks several rules, each rule has an error.
    expect(new Set(codes(response))).toEqual(new Set(['GRAPHQL_VALIDATION_FAILED']));
    expect({ runs: subject.runs, asked: subject.asked }).toEqual({ runs: [], asked: [] });
  });

  it('row 91: a wrong variable elsewhere leaves no record', async () => {
    const query = 'mutation ($name: String) { pay { id } rename(name: $name) }';
    const response = await subject.post(query, { ...withKey('k1'), variables: { name: 5 } });
    expectUntouched(subject, response, 'BAD_USER_INPUT');
  });

  it('row 86: introspection with a header is untouched, even if the key is bad', async () => {
    const response = await subject.post('{ __schema { queryType { name } } }', withKey(''));
    expect(response.body).toEqual({ data: { __schema: { queryType: { name: 'Query' } } } });
    expect(subject.asked).toEqual([]);
  });

  it('row 89: the hash of a persisted query is the same request as its text', async () => {
    const sha256Hash = createHash('sha256').update(PAY).digest('hex');
    const extensions = { persistedQuery: { version: 1, sha256Hash } };
    const unknown = await subject.post(undefined, { ...withKey('k1'), extensions });
    expectUntouched(subject, unknown, 'PERSISTED_QUERY_NOT_FOUND');
    const first = await subject.post(PAY, { ...withKey('k1'), extensions });
    const second = await subject.post(undefined, { ...withKey('k1'), extensions });
    const third = await subject.post(PAY, withKey('k1'));
    for (const replay of [second, third]) {
      expect(replay.body.data).toEqual(first.body.data);
      expect(statusOf(replay, 'pay')).toBe('replayed');
    }
    expect(subject.runs).toEqual(['pay']);
  });
});

describe('a batch', () => {
  it('row 82: is refused by Apollo unless it is allowed', async () => {
    const subject = await startSubject(payments());
    const answer = await subject.postBatch([{ query: PAY }], { 'idempotency-key': 'k1' });
    expect(JSON.stringify(answer)).toContain('Operation batching disabled');
    expect(subject.runs).toEqual([]);
    await subject.stop();
  });

  it('row 82: of 50 operations with one header is ambiguous, unless each has a key', async () => {
    const subject = await startSubject(payments({ apollo: { allowBatchedHttpRequests: true } }));
    const header = { 'idempotency-key': 'k1' };
    const bare = await subject.postBatch(new Array(50).fill({ query: PAY }), header);
    expect(JSON.stringify(bare).match(/IDEMPOTENCY_KEY_AMBIGUOUS/g)).toHaveLength(50);
    expect({ runs: subject.runs, asked: subject.asked }).toEqual({ runs: [], asked: [] });
    const own = Array.from({ length: 50 }, (_, index) => ({
      query: `mutation { pay(idempotencyKey: "k${String(index)}") { id } }`,
    }));
    const answers = JSON.stringify(await subject.postBatch(own));
    expect(answers.match(/"status":"executed"/g)).toHaveLength(50);
    expect(subject.runs).toHaveLength(50);
    await subject.stop();
  });

  it('row 83: with one key twice has one effect and two equal answers', async () => {
    const subject = await startSubject(payments({ apollo: { allowBatchedHttpRequests: true } }));
    const query = 'mutation { pay(idempotencyKey: "k1") { id } }';
    const answers = (await subject.postBatch([{ query }, { query }])) as { data: unknown }[];
    expect(answers.map(({ data }) => data)).toEqual([{ pay: { id: '1' } }, { pay: { id: '1' } }]);
    expect(subject.runs).toEqual(['pay']);
    await subject.stop();
  });
});

describe('over HTTP', () => {
  it('row 85: a mutation by GET is refused by Apollo', async () => {
    const subject = await startHttpSubject(payments());
    const response = await subject.send({
      method: 'GET',
      path: `/?query=${encodeURIComponent(PAY)}`,
      headers: ['Idempotency-Key: k1', 'apollo-require-preflight: true'],
    });
    expect(response.status).toBe(405);
    expect({ runs: subject.runs, asked: subject.asked }).toEqual({ runs: [], asked: [] });
    await subject.stop();
  });

  it('row 90: a client that goes away does not end the execution, and its retry is answered', async () => {
    let finish: (value: unknown) => void = () => undefined;
    const subject = await startHttpSubject(
      payments({ mutations: { pay: () => new Promise((resolve) => (finish = resolve)) } }),
    );
    const request = { headers: ['Idempotency-Key: k1'], body: { query: PAY } };
    const socket = await subject.open(request);
    await until(() => subject.runs.length === 1);
    const closed = once(socket, 'close');
    socket.destroy();
    await closed;
    finish({ id: 'late', amount: 5 });
    await until(() => subject.asked.includes('complete'));
    const retry = await subject.send(request);
    expect(retry.body.data).toEqual({ pay: { id: 'late', amount: 5 } });
    expect(statusOf(retry, 'pay')).toBe('replayed');
    expect(subject.runs).toEqual(['pay']);
    await subject.stop();
  });
});

describe('mutations in a namespace, which run in parallel', () => {
  it('row 81: cannot be marked: only root fields run one after the other', async () => {
    const schema = sdl(
      `type Query { ping: String }
       type Payments { pay: Int @idempotent }
       type Mutation { payments: Payments }`,
      {},
    );
    await expect(startServer(schema)).rejects.toThrow(
      'Payments.pay is marked @idempotent, but only root mutation fields can be.',
    );
  });

  it('row 81: parallel requests with one key are joined in the process', async () => {
    let finish: (value: unknown) => void = () => undefined;
    const subject = await startSubject(
      payments({ mutations: { pay: () => new Promise((resolve) => (finish = resolve)) } }),
    );
    const requests = Array.from({ length: 5 }, () => subject.post(PAY, withKey('k1')));
    await until(() => subject.runs.length === 1);
    finish({ id: '1', amount: 5 });
    const answers = await Promise.all(requests);
    expect(answers.map(({ body }) => body.data)).toEqual(
      new Array(5).fill({ pay: { id: '1', amount: 5 } }),
    );
    expect(subject.asked).toEqual(['begin', 'complete']);
    expect(subject.runs).toEqual(['pay']);
    await subject.stop();
  });
});

describe('a mark that means nothing', () => {
  it.each([
    [
      'row 84: on a query',
      'type Query { ping: String @idempotent } type Mutation { pay: Int }',
      'only root mutation fields',
    ],
    [
      'row 84: on a subscription',
      'type Query { ping: String } type Subscription { paid: Int @idempotent }',
      'only root mutation fields',
    ],
    [
      'row 84: on a type',
      'type Query { ping: String } type Mutation @idempotent { pay: Int }',
      'may not be used on OBJECT',
    ],
    [
      'row 84: twice',
      'type Query { ping: String } type Mutation { pay: Int @idempotent @idempotent }',
      'can only be used once',
    ],
  ])('%s keeps the server from starting', async (_, typeDefs, problem) => {
    const start = async (): Promise<unknown> => startServer(sdl(typeDefs, {}));
    await expect(start()).rejects.toThrow(problem);
  });
});

describe('a field below the mutation that fails', () => {
  it('row 92: fails again in a replay, or has recovered; the mutation does not run again', async () => {
    let broken = true;
    const subject = await startSubject({
      typeDefs: `type Payment { id: ID! receipt: String! }
        type Query { ping: String }
        type Mutation { pay: Payment @idempotent }`,
      mutations: { pay: () => ({ id: '1' }) },
      types: {
        Payment: {
          receipt: () => {
            if (broken) throw new Error('no receipt');
            return 'the receipt';
          },
        },
      },
    });
    const pay = (): Promise<TestResponse> =>
      subject.post('mutation { pay { id receipt } }', withKey('k1'));
    const failures = [await pay(), await pay()];
    for (const { body } of failures) {
      expect(body.data).toEqual({ pay: null });
      expect(body.errors?.[0]).toMatchObject({ message: 'no receipt', path: ['pay', 'receipt'] });
    }
    broken = false;
    expect((await pay()).body.data).toEqual({ pay: { id: '1', receipt: 'the receipt' } });
    expect(subject.runs).toEqual(['pay']);
    await subject.stop();
  });
});
