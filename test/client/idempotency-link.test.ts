import {
  ApolloClient,
  ApolloLink,
  CombinedGraphQLErrors,
  gql,
  InMemoryCache,
} from '@apollo/client';
import { BatchHttpLink } from '@apollo/client/link/batch-http';
import { RetryLink } from '@apollo/client/link/retry';
import { IdempotencyLink } from '../../src/client/apollo/index.js';
import {
  idempotencyReports,
  isReplay,
  type IdempotencyClientOptions,
  type PlannedRetry,
} from '../../src/client/index.js';
import { MemoryStore, type IdempotencyOptions } from '../../src/index.js';
import type { TestContext } from '../graphql/apollo.js';
import { startHttpServer, type HttpServer } from '../graphql/http.js';
import { faulty } from '../support/faulty-store.js';
import { ManualClock, settle } from '../support/manual-clock.js';
import { startTcpProxy, type TcpProxy } from '../support/tcp-proxy.js';
import { until } from '../support/until.js';
import { createApolloClient, type SentRequest, type TestClient } from './apollo-client.js';
import { createBank, documents, operations } from './bank.js';

/** The same intent each time. */
const payment = {
  mutation: documents.pay,
  variables: { amount: 1 },
  context: { idempotencyKey: 'k1' },
};

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;

describe('IdempotencyLink', () => {
  let bank: ReturnType<typeof createBank>;
  let server: HttpServer;
  let clock: ManualClock;
  let retries: PlannedRetry[];

  beforeEach(() => {
    bank = createBank();
    clock = new ManualClock();
    retries = [];
  });
  afterEach(async () => {
    // A server that stops waits for what is in flight.
    bank.open();
    await server.stop();
  });

  async function start(options: Partial<IdempotencyOptions<TestContext>> = {}): Promise<void> {
    server = await startHttpServer(bank.schema, options);
  }

  function link(options: Partial<IdempotencyClientOptions> = {}): IdempotencyLink {
    return new IdempotencyLink({
      ...(options.isIdempotent === undefined ? { operations } : {}),
      clock,
      random: () => 0,
      onRetry: (retry) => retries.push(retry),
      ...options,
    });
  }

  function client(options: Partial<IdempotencyClientOptions> = {}): TestClient {
    return createApolloClient(server.port, [link(options)]);
  }

  /** Waits until the link waits, then lets so much time pass. */
  async function pass(ms: number): Promise<void> {
    await until(() => clock.pending > 0);
    await clock.advance(ms);
  }

  const headerKeys = (sent: readonly SentRequest[]): unknown[] =>
    sent.map(({ headers }) => headers.get('idempotency-key'));

  describe('gives a marked mutation a key', () => {
    beforeEach(() => start());

    it('in the variable of its document, and another one for each call', async () => {
      const { client: apollo, sent } = client();
      await apollo.mutate({ mutation: documents.pay, variables: { amount: 1 } });
      await apollo.mutate({ mutation: documents.payByArgument, variables: { amount: 1 } });
      const keys = sent.map(({ variables }) => variables['key']);
      expect(keys).toEqual([expect.stringMatching(UUID), expect.stringMatching(UUID)]);
      expect(new Set(keys).size).toBe(2);
      expect(bank.effects).toEqual(['pay 1', 'pay 1']);
      expect(headerKeys(sent)).toEqual([null, null]);
    });

    it('in a variable with the name of something that every object has', async () => {
      const mutation = gql`
        mutation Odd($amount: Int!, $toString: String) {
          pay(amount: $amount, idempotencyKey: $toString) {
            id
          }
        }
      `;
      const { client: apollo, sent } = client({
        operations: {
          Odd: {
            idempotent: true,
            fields: { pay: { mutation: 'Mutation.pay', key: ['toString'] } },
          },
        },
      });
      await apollo.mutate({ mutation, variables: { amount: 1 } });
      expect(sent[0]?.variables).toEqual({
        amount: 1,
        toString: expect.stringMatching(UUID) as string,
      });
    });

    it('in its input, without changing the input that the caller holds', async () => {
      const { client: apollo, sent } = client();
      const input = { amount: 4 };
      await apollo.mutate({ mutation: documents.refund, variables: { input } });
      expect(sent[0]?.variables['input']).toEqual({
        amount: 4,
        idempotencyKey: expect.stringMatching(UUID) as string,
      });
      expect(input).toEqual({ amount: 4 });
    });

    it('in the header, beside the headers of the caller', async () => {
      const { client: apollo, sent } = client();
      await apollo.mutate({
        mutation: documents.book,
        variables: { amount: 1 },
        context: { headers: { 'x-trace': 't1' } },
      });
      expect(headerKeys(sent)).toEqual([expect.stringMatching(UUID)]);
      expect(sent[0]?.headers.get('x-trace')).toBe('t1');
    });

    it('one for different mutations of one operation', async () => {
      const { client: apollo, sent } = client();
      const variables = { ok: 1, other: 2 };
      const { data } = await apollo.mutate({ mutation: documents.payBoth, variables });
      expect(data).toMatchObject({ pay: { id: 'payOrNull-1' }, book: { id: 'book-2' } });
      expect(sent).toHaveLength(1);
    });

    it('a further one for the same mutation selected again', async () => {
      const { client: apollo, sent } = client();
      const context = { idempotencyKey: 'k1' };
      const { data } = await apollo.mutate({ mutation: documents.payTwice, context });
      expect(sent[0]?.variables).toEqual({ first: 'k1', second: 'k1.two' });
      expect(data).toMatchObject({ one: { id: 'payOrNull-1' }, two: { id: 'payOrNull-2' } });
    });

    it('of its own for each selection of a mutation, whichever key the caller has given', async () => {
      const { client: apollo, sent } = client({ generateKey: () => 'made' });
      await apollo.mutate({ mutation: documents.payTwice, variables: { second: 'mine' } });
      await apollo.mutate({ mutation: documents.payTwice, variables: { first: 'yours' } });
      expect(sent.map(({ variables }) => variables)).toEqual([
        { first: 'made', second: 'mine' },
        { first: 'yours', second: 'yours.two' },
      ]);
      expect(bank.effects).toHaveLength(4);
    });

    it('which the caller may choose, for calls that belong together', async () => {
      const { client: apollo, sent } = client();
      const call = { mutation: documents.book, variables: { amount: 1 } };
      const first = await apollo.mutate({ ...call, context: { idempotencyKey: 'order-1' } });
      const second = await apollo.mutate({ ...call, context: { idempotencyKey: 'order-1' } });
      expect(headerKeys(sent)).toEqual(['order-1', 'order-1']);
      expect([isReplay(first), isReplay(second)]).toEqual([false, true]);
      expect(second.data).toEqual(first.data);
      expect(bank.effects).toEqual(['book 1']);
    });

    it('which stays what the caller has put into the variable or the header', async () => {
      const { client: apollo, sent } = client();
      await apollo.mutate({ mutation: documents.pay, variables: { amount: 1, key: 'mine' } });
      await apollo.mutate({
        mutation: documents.book,
        variables: { amount: 1 },
        context: { headers: { 'Idempotency-Key': '"also-mine"' } },
      });
      expect(sent[0]?.variables['key']).toBe('mine');
      expect(headerKeys(sent)).toEqual([null, '"also-mine"']);
    });

    it('made by the function that it was given', async () => {
      const { client: apollo, sent } = client({ generateKey: () => 'made' });
      await apollo.mutate({ mutation: documents.pay, variables: { amount: 1 } });
      expect(sent[0]?.variables['key']).toBe('made');
    });

    it('in the header, where a predicate says what is marked', async () => {
      const asked: unknown[] = [];
      const { client: apollo, sent } = client({
        header: 'Idempotency-Key',
        isIdempotent: ({ operationName }) => {
          asked.push(operationName);
          return operationName !== 'Rename';
        },
      });
      await apollo.mutate({ mutation: documents.pay, variables: { amount: 1 } });
      await apollo.mutate({ mutation: documents.rename });
      await apollo.query({ query: documents.balance });
      expect(headerKeys(sent)).toEqual([expect.stringMatching(UUID), null, null]);
      expect(asked).toEqual(['Pay', 'Rename']);
    });
  });

  it('leaves queries and unmarked mutations as they are', async () => {
    await start();
    const plain = createApolloClient(server.port, []);
    const linked = client();
    for (const { client: apollo } of [plain, linked]) {
      await apollo.query({ query: documents.balance });
      await apollo.mutate({ mutation: documents.rename });
    }
    const wire = ({ sent }: TestClient): unknown[] =>
      sent.map(({ headers, ...body }) => ({ ...body, headers: [...headers] }));
    expect(wire(linked)).toEqual(wire(plain));
  });

  it('refuses a bad key without sending anything', async () => {
    await start();
    const { client: apollo, sent } = client({ generateKey: () => 'a,b' });
    const invalid = { code: 'IDEMPOTENCY_KEY_INVALID' };
    const call = { mutation: documents.pay, variables: { amount: 1 } };
    await expect(apollo.mutate(call)).rejects.toMatchObject(invalid);
    for (const idempotencyKey of ['', 'x'.repeat(256), 'ü']) {
      await expect(apollo.mutate({ ...call, context: { idempotencyKey } })).rejects.toMatchObject(
        invalid,
      );
    }
    await expect(
      apollo.mutate({ ...call, variables: { amount: 1, key: 'a b' } }),
    ).rejects.toMatchObject(invalid);
    const long = { idempotencyKey: 'x'.repeat(255) };
    await expect(
      apollo.mutate({ mutation: documents.payTwice, context: long }),
    ).rejects.toMatchObject(invalid);
    expect(sent).toEqual([]);
  });

  describe('with RetryLink', () => {
    let proxy: TcpProxy;

    beforeEach(async () => {
      await start();
      proxy = await startTcpProxy(server.port);
    });
    afterEach(() => proxy.close());

    const retryLink = (): RetryLink => new RetryLink({ delay: { initial: 1, jitter: false } });

    it.each([
      ['variable', documents.pay, (sent: SentRequest) => sent.variables['key']],
      ['header', documents.book, (sent: SentRequest) => sent.headers.get('idempotency-key')],
    ])('sends the same key in the %s when a response is lost', async (_, mutation, keyOf) => {
      const { client: apollo, sent } = createApolloClient(proxy.port, [link(), retryLink()]);
      const struck = proxy.strike({ request: 'mutation' }, { cutReplyAfter: 0 });
      const answer = await apollo.mutate({ mutation, variables: { amount: 3 } });
      await struck;
      expect(isReplay(answer)).toBe(true);
      expect(sent).toHaveLength(2);
      expect(new Set(sent.map(keyOf)).size).toBe(1);
      expect(bank.effects).toHaveLength(1);
    });

    it('keeps the key even if it is placed after it', async () => {
      const { client: apollo, sent } = createApolloClient(proxy.port, [retryLink(), link()]);
      const struck = proxy.strike({ request: 'mutation' }, { cutReplyAfter: 10 });
      await apollo.mutate({ mutation: documents.book, variables: { amount: 3 } });
      await struck;
      expect(new Set(headerKeys(sent)).size).toBe(1);
      expect(bank.effects).toEqual(['book 3']);
    });
  });

  describe('when the server refuses for now', () => {
    it('waits as long as it says and gets the first answer', async () => {
      await start({ waitMs: 0 });
      bank.close('pay');
      const { client: apollo, sent } = client();
      const first = apollo.mutate(payment);
      await until(() => bank.effects.length === 1);
      const second = apollo.mutate(payment);
      await until(() => retries.length === 1);
      expect(retries).toEqual([
        {
          operationName: 'Pay',
          key: 'k1',
          code: 'IDEMPOTENCY_CONCURRENT_REQUEST',
          attempt: 1,
          afterMs: 1_000,
        },
      ]);
      bank.open();
      const { data } = await first;
      await clock.advance(999);
      expect(sent).toHaveLength(2);
      await clock.advance(1);
      const answer = await second;
      expect(answer.data).toEqual(data);
      expect(isReplay(answer)).toBe(true);
      expect(bank.effects).toEqual(['pay 1']);
    });

    it.each([
      ['200', { httpStatus: false }, 'application/json'],
      ['503 in GraphQL', { httpStatus: true }, 'application/graphql-response+json'],
      ['503 in JSON', { httpStatus: true }, 'application/json'],
    ])('goes on when the store is back (%s)', async (_, options, accept) => {
      let away = false;
      const store = faulty(new MemoryStore(), () => (away ? 'reject' : undefined));
      await start({ ...options, store });
      away = true;
      const { client: apollo } = createApolloClient(server.port, [link()], { accept });
      const answer = apollo.mutate({ mutation: documents.pay, variables: { amount: 1 } });
      await pass(1_000);
      await until(() => retries.length === 2);
      away = false;
      await pass(1_000);
      expect(idempotencyReports(await answer)).toMatchObject({ pay: { status: 'executed' } });
      expect(bank.effects).toEqual(['pay 1']);
    });

    it('gives up after attemptsMax and passes the last refusal on', async () => {
      await start({ waitMs: 0 });
      bank.close('pay');
      const { client: apollo, sent } = client({ attemptsMax: 2 });
      const first = apollo.mutate(payment);
      await until(() => bank.effects.length === 1);
      const second = refusalOf(apollo.mutate(payment));
      await pass(1_000);
      expect(await second).toEqual(['IDEMPOTENCY_CONCURRENT_REQUEST']);
      expect(sent).toHaveLength(3);
      expect(retries).toHaveLength(1);
      bank.open();
      await first;
    });

    it('gives up where the next attempt would come after retryForMs', async () => {
      await start({ waitMs: 0 });
      bank.close('pay');
      const { client: apollo, sent } = client({ retryForMs: 999 });
      const first = apollo.mutate(payment);
      await until(() => bank.effects.length === 1);
      expect(await refusalOf(apollo.mutate(payment))).toEqual(['IDEMPOTENCY_CONCURRENT_REQUEST']);
      expect(sent).toHaveLength(2);
      expect(clock.pending).toBe(0);
      bank.open();
      await first;
    });

    it('waits longer each time where the server does not say how long', async () => {
      const storeClock = new ManualClock();
      const store = new MemoryStore({ clock: storeClock });
      await start({ store });
      bank.close('pay');
      await abandon('pay', 'k1');
      // As if that server had died: its claim lapses, and another one answers.
      await storeClock.advance(31_000);
      const other = await startHttpServer(bank.schema, { store });
      const { client: apollo, sent } = createApolloClient(other.port, [
        link({ random: () => 0.5 }),
      ]);
      const answer = refusalOf(apollo.mutate(payment));
      for (let sending = 2; sending <= 5; sending += 1) {
        await until(() => sent.length >= sending || clock.pending > 0);
        await clock.advance(3_000);
      }
      expect(await answer).toEqual(['IDEMPOTENCY_OUTCOME_UNKNOWN']);
      expect(sent).toHaveLength(5);
      const base = [250, 500, 1_000, 2_000];
      expect(retries.map(({ afterMs }) => afterMs)).toEqual(
        base.map((ms) => Math.ceil(ms * 1.125)),
      );
      await other.stop();
    });

    it('stops at once when the caller unsubscribes', async () => {
      const { client: apollo } = await refusedOnce();
      const { mutation: query, ...request } = payment;
      const answer = ApolloLink.execute(apollo.link, { query, ...request }, { client: apollo });
      const subscription = answer.subscribe({});
      await until(() => clock.pending === 1);
      subscription.unsubscribe();
      expect(clock.pending).toBe(0);
    });

    it('stops at once when the signal of the caller aborts', async () => {
      const { client: apollo, sent } = await refusedOnce();
      const abort = new AbortController();
      const answer = apollo.mutate({
        mutation: documents.pay,
        variables: { amount: 1 },
        context: { idempotencyKey: 'k1', fetchOptions: { signal: abort.signal } },
      });
      await until(() => clock.pending === 1);
      const before = sent.length;
      abort.abort(new Error('The page was left.'));
      await expect(answer).rejects.toThrow('The page was left.');
      expect(clock.pending).toBe(0);
      expect(sent).toHaveLength(before);
    });

    it.each(['unsubscribe', 'abort'] as const)('stops when its listener does: %s', async (how) => {
      const controller = new AbortController();
      const errors: unknown[] = [];
      const { client: apollo, sent } = await refusedOnce({
        onRetry: () => {
          if (how === 'abort') controller.abort('left');
          else subscription.unsubscribe();
          retries.push({} as PlannedRetry);
        },
      });
      const { mutation: query, variables, context } = payment;
      const request = {
        query,
        variables,
        context: { ...context, fetchOptions: { signal: controller.signal } },
      };
      const answer = ApolloLink.execute(apollo.link, request, { client: apollo });
      const subscription = answer.subscribe({ error: (error) => errors.push(error) });
      await until(() => retries.length === 1);
      expect(clock.pending).toBe(0);
      await clock.advance(60_000);
      expect(sent).toHaveLength(1);
      expect(errors).toEqual(how === 'abort' ? ['left'] : []);
    });

    it('is not disturbed by a listener that throws', async () => {
      const { client: apollo } = await refusedOnce({
        attemptsMax: 2,
        onRetry: () => {
          throw new Error('A listener.');
        },
      });
      const answer = refusalOf(apollo.mutate(payment));
      await pass(1_000);
      expect(await answer).toEqual(['IDEMPOTENCY_CONCURRENT_REQUEST']);
    });
  });

  describe('does not repeat', () => {
    it('what the server refuses for good', async () => {
      await start();
      const { client: apollo, sent } = client();
      const context = { idempotencyKey: 'k1' };
      await apollo.mutate({ mutation: documents.pay, variables: { amount: 1 }, context });
      const other = apollo.mutate({ mutation: documents.pay, variables: { amount: 2 }, context });
      expect(await refusalOf(other)).toEqual(['IDEMPOTENCY_KEY_PARAMETER_MISMATCH']);
      expect(sent).toHaveLength(2);
    });

    it('an error of the resolver', async () => {
      await start();
      const { client: apollo, sent } = client();
      const answers = [13, 500].map((amount) =>
        refusalOf(apollo.mutate({ mutation: documents.pay, variables: { amount } })),
      );
      expect(await Promise.all(answers)).toEqual([['UNLUCKY'], ['INTERNAL_SERVER_ERROR']]);
      expect(sent).toHaveLength(2);
    });

    it('an operation whose other mutation failed otherwise', async () => {
      await start({ waitMs: 0 });
      const { client: apollo, sent } = client();
      const context = { idempotencyKey: 'k1' };
      bank.close('book');
      const first = apollo.mutate({ mutation: documents.book, variables: { amount: 2 }, context });
      await until(() => bank.effects.length === 1);
      const both = apollo.mutate({
        mutation: documents.payBoth,
        variables: { ok: 13, other: 2 },
        context,
      });
      await until(() => bank.effects.length === 2);
      bank.open();
      expect(await refusalOf(both)).toEqual(['UNLUCKY', 'IDEMPOTENCY_CONCURRENT_REQUEST']);
      expect(sent).toHaveLength(2);
      await first;
    });

    it('an operation with a mutation that has no key', async () => {
      const { client: apollo, sent } = await refusedOnce();
      const before = sent.length;
      const answer = apollo.mutate({
        mutation: documents.payAndRename,
        context: { idempotencyKey: 'k1' },
        errorPolicy: 'all',
      });
      expect((await answer).data).toMatchObject({ rename: 'x' });
      expect(await refusalOf(answer)).toEqual(['IDEMPOTENCY_CONCURRENT_REQUEST']);
      expect(sent).toHaveLength(before + 1);
    });
  });

  it('serves requests that travel in one batch, where keys travel in variables', async () => {
    server = await startHttpServer(bank.schema, {}, { allowBatchedHttpRequests: true });
    const uri = `http://127.0.0.1:${String(server.port)}/`;
    const batches = new BatchHttpLink({ uri, batchInterval: 5 });
    const apollo = new ApolloClient({
      cache: new InMemoryCache(),
      link: ApolloLink.from([link(), batches]),
    });
    const pays = [1, 2].map((amount) =>
      apollo.mutate({ mutation: documents.pay, variables: { amount } }),
    );
    const amounts = (await Promise.all(pays)).map(({ data }) => data);
    expect(amounts).toMatchObject([{ pay: { amount: 1 } }, { pay: { amount: 2 } }]);
    const book = apollo.mutate({ mutation: documents.book, variables: { amount: 3 } });
    expect(await refusalOf(book)).toEqual(['IDEMPOTENCY_KEY_AMBIGUOUS']);
    expect(bank.effects).toEqual(['pay 1', 'pay 2']);
  });

  it('says that an answer waited for the first request', async () => {
    let arrived = 0;
    const executionDidStart = (): Promise<void> => {
      arrived += 1;
      return Promise.resolve();
    };
    const plugin = { requestDidStart: () => Promise.resolve({ executionDidStart }) };
    server = await startHttpServer(bank.schema, {}, { plugins: [plugin] });
    bank.close('pay');
    const { client: apollo } = client();
    const both = [apollo.mutate(payment), apollo.mutate(payment)];
    await until(() => arrived === 2);
    await settle();
    bank.open();
    const reports = (await Promise.all(both)).map((answer) => idempotencyReports(answer)['pay']);
    reports.sort((a, b) => String(a?.status).localeCompare(String(b?.status)));
    expect(reports).toEqual([
      { status: 'executed', attempt: 1, kept: 'value', expiresAt: expect.any(String) as string },
      {
        status: 'replayed',
        attempt: 1,
        kept: 'value',
        expiresAt: expect.any(String) as string,
        waited: true,
      },
    ]);
    const later = await apollo.mutate(payment);
    expect(idempotencyReports(later)['pay']).not.toHaveProperty('waited');
  });

  it('lists everything that is wrong with its options', async () => {
    await start();
    const wrong = {
      operations: {
        Pay: { idempotent: true, fields: { pay: { mutation: 'Mutation.pay', key: [] } } },
      },
      isIdempotent: true,
      header: 'a header',
      attemptsMax: 0,
      retryForMs: 1.5,
      generateKey: 'uuid',
    } as unknown as IdempotencyClientOptions;
    expect(() => new IdempotencyLink(wrong)).toThrow(
      new TypeError(
        [
          'IdempotencyLink:',
          'give either operations (what codegen generated) or isIdempotent.',
          'operations must be what graphql-idempotency/codegen generated.',
          'header must be the name of a header.',
          'isIdempotent must be a function.',
          'generateKey must be a function.',
          'attemptsMax must be a whole number from 1 to 100.',
          'retryForMs must be a whole number from 0 to 3600000.',
        ].join('\n  - '),
      ),
    );
    expect(() => new IdempotencyLink({})).toThrow('give either operations');
    expect(() => new IdempotencyLink(undefined as never)).toThrow('give either operations');
    expect(() => new IdempotencyLink({ operations: [] as never })).toThrow('operations must be');
  });

  /** A client for whose key `k1` payments run and do not end. */
  async function refusedOnce(options: Partial<IdempotencyClientOptions> = {}): Promise<TestClient> {
    await start({ waitMs: 0 });
    bank.close('pay', 'payOrNull');
    await abandon('pay', 'k1');
    await abandon('payOrNull', 'k1');
    return client(options);
  }

  /** Sends a payment that will not end, and waits until it runs. */
  async function abandon(field: string, key: string): Promise<void> {
    const before = bank.effects.length;
    const query = `mutation { ${field}(amount: 1, idempotencyKey: "${key}") { id } }`;
    const socket = await server.open({ body: { query } });
    await until(() => bank.effects.length > before);
    socket.destroy();
  }
});

/** The codes of the errors that a call ends with. */
async function refusalOf(answer: Promise<ApolloClient.MutateResult>): Promise<unknown[]> {
  const error: unknown = await answer.then(
    (result) => result.error,
    (reason: unknown) => reason,
  );
  if (!CombinedGraphQLErrors.is(error)) throw new Error('There were no GraphQL errors.');
  return error.errors.map(({ extensions }) => extensions?.['code']);
}
