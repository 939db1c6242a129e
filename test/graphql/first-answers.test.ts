import { GraphQLError, GraphQLScalarType } from 'graphql';
import { idempotencyOf, type Execution } from '../../src/index.js';
import { codes, sdl, startServer, type TestServer } from './apollo.js';

const headers = { 'idempotency-key': 'k1' };

let server: TestServer;
let runs = 0;
beforeEach(() => {
  runs = 0;
});
afterEach(() => server.stop());

class Avatar {
  readonly url = 'https://example.org/a.png';
  scaled(): string {
    return this.url;
  }
}

describe('the first answer of a result that cannot be kept (G14)', () => {
  const schema = () =>
    sdl(
      `scalar Huge
       type Query { ping: String }
       type Avatar { url: String! }
       type User { avatar: Avatar! huge: Huge }
       type Payment { user: User! }
       type Mutation { pay: Payment! @idempotent text: String @idempotent }`,
      {
        Huge: new GraphQLScalarType({ name: 'Huge', serialize: () => 2n ** 70n }),
        Mutation: {
          pay: () => {
            runs += 1;
            return { user: { avatar: new Avatar(), huge: 1 } };
          },
          text: () => {
            runs += 1;
            return 'x'.repeat(5_000);
          },
        },
      },
    );
  const query = 'mutation { pay { user { avatar { url } } } }';

  it('says so in an event, with the place in the result', async () => {
    server = await startServer(schema(), { redact: ({ name }) => name === 'url' });
    const first = await server.post(query, { headers });
    expect(first.body.data).toEqual({
      pay: { user: { avatar: { url: 'https://example.org/a.png' } } },
    });
    expect(first.body.extensions?.idempotency?.['pay']).toMatchObject({ kept: 'nothing' });
    expect(server.events.filter(({ type }) => type === 'unavailable')).toMatchObject([
      { operation: 'Mutation.pay', place: ['user', 'avatar', 'url'] },
    ]);
    expect(codes(await server.post(query, { headers }))).toEqual([
      'IDEMPOTENCY_RESULT_UNAVAILABLE',
    ]);
    expect(runs).toBe(1);
  });

  it('warns the process once for each mutation, where nobody listens', async () => {
    const emitWarning = jest.spyOn(process, 'emitWarning').mockImplementation(() => undefined);
    server = await startServer(schema(), { resultBytesMax: 1_024, onEvent: undefined });
    for (const key of ['k1', 'k2']) {
      await server.post('mutation { text }', { headers: { 'idempotency-key': key } });
    }
    const warnings = emitWarning.mock.calls.map(([warning]) => String(warning));
    emitWarning.mockRestore();
    const about = warnings.filter((warning) => warning.startsWith('Mutation.text: '));
    expect(about).toHaveLength(1);
    expect(about[0]).toContain('a retry with the same key gets IDEMPOTENCY_RESULT_UNAVAILABLE');
  });

  it('is not run again where the answer cannot be written as JSON', async () => {
    server = await startServer(schema());
    await server.post('mutation { pay { user { huge avatar { url } } } }', { headers });
    expect(server.events).toContainEqual(
      expect.objectContaining({
        type: 'unavailable',
        reason: expect.stringContaining('cannot be written as JSON') as string,
      }),
    );
    const retry = await server.post(query, { headers });
    expect(codes(retry)).toEqual(['IDEMPOTENCY_RESULT_UNAVAILABLE']);
    expect(runs).toBe(1);
  });
});

describe('guards below the root field (G2)', () => {
  let isAllowed = true;
  let asked = 0;
  const schema = (row: () => object) =>
    sdl(
      `type Query { ping: String }
       type Payment { id: ID! secret: String }
       type Mutation { pay: Payment @idempotent }`,
      {
        Payment: {
          secret: () => {
            asked += 1;
            if (!isAllowed) throw new GraphQLError('No.', { extensions: { code: 'FORBIDDEN' } });
            return 'secret';
          },
        },
        Mutation: { pay: row },
      },
    );
  beforeEach(() => {
    [isAllowed, asked] = [true, 0];
  });

  it('are asked again about a value', async () => {
    server = await startServer(schema(() => ({ id: 1 })));
    await server.post('mutation { pay { id secret } }', { headers });
    isAllowed = false;
    const replay = await server.post('mutation { pay { id secret } }', { headers });
    expect(replay.body.data).toEqual({ pay: { id: '1', secret: null } });
    expect(codes(replay)).toEqual(['FORBIDDEN']);
    expect(asked).toBe(2);
  });

  it('are not asked again about a response: what they said is a part of the answer', async () => {
    server = await startServer(schema(() => Object.assign(new Avatar(), { id: 1 })));
    isAllowed = false;
    const first = await server.post('mutation { pay { id secret } }', { headers });
    expect(codes(first)).toEqual(['FORBIDDEN']);
    isAllowed = true;
    const replay = await server.post('mutation { pay { id secret } }', { headers });
    expect(replay.body.data).toEqual({ pay: { id: '1', secret: null } });
    expect(replay.body.errors).toEqual(first.body.errors);
    expect(asked).toBe(1);
  });
});

describe('the data that a step gives (G23)', () => {
  let seen: unknown[] = [];
  const start = async (value: () => unknown): Promise<void> => {
    seen = [];
    const pay = async (_: unknown, __: unknown, ___: unknown, info: never): Promise<string> => {
      const { step, attempt } = idempotencyOf(info) as Execution;
      const given = await step('charge', () => {
        runs += 1;
        return value();
      });
      seen.push(given);
      if (attempt === 1) throw new Error('The database is away.');
      return 'paid';
    };
    server = await startServer(
      sdl('type Query { ping: String } type Mutation { pay: String @idempotent }', {
        Mutation: { pay },
      }),
    );
  };

  it('is what a later attempt gets, from the first attempt on: hidden properties and methods are missing at once', async () => {
    class Charge {
      readonly id = 'ch_1';
      constructor() {
        Object.defineProperty(this, 'lastResponse', { value: { statusCode: 200 } });
      }
      refund(): string {
        return this.id;
      }
    }
    await start(() => new Charge());
    const first = await server.post('mutation { pay }', { headers });
    expect(first.body.errors).toMatchObject([{ message: 'The database is away.' }]);
    expect((await server.post('mutation { pay }', { headers })).body.data).toEqual({ pay: 'paid' });
    expect(seen).toEqual([{ id: 'ch_1' }, { id: 'ch_1' }]);
    for (const given of seen) {
      expect(given).not.toHaveProperty('lastResponse');
      expect(given).not.toHaveProperty('refund');
    }
    expect(runs).toBe(1);
  });

  it.each([
    ['a function', () => ({ client: { close: () => 1 } }), 'a function at client.close'],
    ['a promise', () => ({ later: Promise.resolve(1) }), 'a promise at later'],
    [
      'a getter',
      () => ({
        get now() {
          return 1;
        },
      }),
      'a getter at now',
    ],
  ])('is an error in the first attempt where it has %s inside', async (_, value, problem) => {
    await start(value);
    const first = await server.post('mutation { pay }', { headers });
    expect(first.body.errors?.[0]?.message).toContain(problem);
    expect(seen).toEqual([]);
  });
});
