import { gatewayServer } from '../../docs/examples/federation-gateway.js';
import { codes, type TestResponse } from '../graphql/apollo.js';
import { freePort } from '../support/free-port.js';
import { until } from '../support/until.js';
import { useRedis } from '../support/use-redis.js';
import {
  compose,
  createEffectLog,
  gatewayWith,
  serveAccounts,
  serveBookings,
  serveGateway,
  servePayments,
  type Gateway,
  type Served,
  type EffectLog,
} from './graph.js';

describe('subgraphs behind @apollo/gateway', () => {
  const log: EffectLog = createEffectLog();
  const redis = useRedis();
  let payments: Served;
  let bookings: Served;
  let accounts: Served;
  let supergraphSdl: string;
  let gateway: Gateway;
  /** Started by one test. */
  const others: Served[] = [];
  let keys = 0;
  let key: string;

  beforeAll(async () => {
    // Apollo tells that it traces subgraphs.
    jest.spyOn(console, 'info').mockImplementation(() => undefined);
    payments = await servePayments(log, redis.url);
    bookings = await serveBookings(log, redis.url);
    accounts = await serveAccounts(log);
    ({ supergraphSdl } = await compose({ payments, bookings, accounts }));
    gateway = await serveGateway(gatewayServer(supergraphSdl));
  });

  beforeEach(() => {
    log.effects.length = 0;
    key = `key-${String((keys += 1))}`;
  });

  afterEach(async () => {
    log.release();
    for (const other of others.splice(0)) await other.stop();
  });

  afterAll(async () => {
    for (const served of [gateway, payments, bookings, accounts]) await served.stop();
  });

  const PAY = 'mutation { pay(amount: 5) { id amount } }';

  function marks(response: TestResponse): Record<string, unknown> {
    const fields = Object.entries(response.body.extensions?.idempotency ?? {});
    return Object.fromEntries(fields.map(([name, { status }]) => [name, status]));
  }

  function isReplay(response: TestResponse): boolean {
    return response.headers.get('idempotent-replayed') === 'true';
  }

  describe('a key', () => {
    it.each<[string, string, 'header' | 'variable' | 'none']>([
      ['the header', PAY, 'header'],
      ['the header, to a TypeGraphQL subgraph', 'mutation { book(nights: 2) { id } }', 'header'],
      [
        'an argument',
        'mutation ($key: String!) { pay(amount: 5, idempotencyKey: $key) { id } }',
        'variable',
      ],
      [
        "the client's @idempotent",
        'mutation ($key: String!) { pay(amount: 5) @idempotent(key: $key) { id } }',
        'variable',
      ],
      [
        "the client's @idempotent, to a TypeGraphQL subgraph",
        'mutation ($key: String!) { book(nights: 2) @idempotent(key: $key) { id nights } }',
        'variable',
      ],
    ])('may come from %s', async (_, query, place) => {
      const request = place === 'header' ? { key } : { variables: { key } };
      const first = await gateway.post(query, request);
      const second = await gateway.post(query, request);
      expect(first.body.errors).toBeUndefined();
      expect(second.body.data).toEqual(first.body.data);
      expect([Object.values(marks(first)), isReplay(first)]).toEqual([['executed'], false]);
      expect([Object.values(marks(second)), isReplay(second)]).toEqual([['replayed'], true]);
      expect(log.effects).toHaveLength(1);
    });

    it('is the same one wherever it stands', async () => {
      await gateway.post(PAY, { key });
      const second = await gateway.post(
        `mutation { pay(amount: 5) @idempotent(key: "${key}") { id } }`,
      );
      expect(isReplay(second)).toBe(true);
      expect(log.effects).toEqual(['pay 5']);
    });

    it('belongs to the caller whom the gateway names', async () => {
      await gateway.post(PAY, { key, user: 'alice' });
      const other = await gateway.post(PAY, { key, user: 'bob' });
      expect(marks(other)).toEqual({ pay: 'executed' });
      expect(log.effects).toEqual(['pay 5', 'pay 5']);
    });

    it('is not part of the query plan, which the gateway keeps', async () => {
      const query = 'mutation ($key: String!) { pay(amount: 6) @idempotent(key: $key) { id } }';
      const first = await gateway.post(query, { variables: { key } });
      const other = await gateway.post(query, { variables: { key: `${key}-2` } });
      expect(other.body.data).not.toEqual(first.body.data);
      expect(log.effects).toEqual(['pay 6', 'pay 6']);
    });

    it('reaches mutations alone: a query with it is a query', async () => {
      const { body } = await gateway.post('{ viewer { name } vacancies }', { key });
      expect(body).toEqual({ data: { viewer: { name: 'Alice' }, vacancies: 3 } });
    });

    it('that is missing or malformed is refused by its code', async () => {
      expect(codes(await gateway.post(PAY))).toEqual(['IDEMPOTENCY_KEY_REQUIRED']);
      expect(codes(await gateway.post(PAY, { key: '' }))).toEqual(['IDEMPOTENCY_KEY_INVALID']);
      expect(codes(await gateway.post(PAY, { key: 'a, b' }))).toEqual(['IDEMPOTENCY_KEY_INVALID']);
      expect(log.effects).toEqual([]);
    });
  });

  describe('several mutations in one document', () => {
    const MANY = `mutation {
      first: pay(amount: 5) { id }
      refund(payment: "p1") { id }
      stay: book(nights: 2) { id guest { name } }
    }`;

    it('are a record each, and are told by the response keys of the client', async () => {
      const first = await gateway.post(MANY, { key });
      const second = await gateway.post(MANY, { key });
      expect(first.body.errors).toBeUndefined();
      expect(second.body.data).toEqual(first.body.data);
      expect(marks(first)).toEqual({ first: 'executed', refund: 'executed', stay: 'executed' });
      expect(marks(second)).toEqual({ first: 'replayed', refund: 'replayed', stay: 'replayed' });
      expect([isReplay(first), isReplay(second)]).toEqual([false, true]);
      expect(log.effects).toEqual(['pay 5', 'refund p1', 'book 2']);
    });

    it('are no replay if one of them ran', async () => {
      await gateway.post('mutation { pay(amount: 5) { id } }', { key });
      const both = await gateway.post('mutation { pay(amount: 5) { id } book(nights: 1) { id } }', {
        key,
      });
      expect(marks(both)).toEqual({ pay: 'replayed', book: 'executed' });
      expect(isReplay(both)).toBe(false);
    });

    it('are no replay if one of them, in a subgraph of its own, is not idempotent', async () => {
      const query = 'mutation { pay(amount: 5) { id } rename(name: "A") { name } }';
      await gateway.post(query, { key });
      const second = await gateway.post(query, { key });
      expect(marks(second)).toEqual({ pay: 'replayed' });
      expect(isReplay(second)).toBe(false);
      expect(log.effects).toEqual(['pay 5', 'rename A', 'rename A']);
    });

    it('are no replay if a subgraph did not answer', async () => {
      const query = 'mutation { pay(amount: 5) { id } book(nights: 1) { id } }';
      await gateway.post(query, { key });
      const lost = bookings.proxy.strike({ request: 'book' }, 'cut');
      const second = await gateway.post(query, { key });
      await lost;
      expect(second.body.errors).toHaveLength(1);
      expect(marks(second)).toEqual({ pay: 'replayed' });
      expect(isReplay(second)).toBe(false);
      expect(isReplay(await gateway.post(query, { key }))).toBe(true);
      expect(log.effects).toEqual(['pay 5', 'book 1']);
    });

    it('go on in another subgraph when the first of them failed', async () => {
      await gateway.post('mutation { pay(amount: 5) { id } }', { key });
      const query = 'mutation { pay(amount: 6) { id } book(nights: 1) { id } }';
      const response = await gateway.post(query, { key });
      expect(codes(response)).toEqual(['IDEMPOTENCY_KEY_PARAMETER_MISMATCH']);
      expect(response.body.data).toBeNull();
      expect(marks(response)).toEqual({ pay: 'rejected', book: 'executed' });
      expect(log.effects).toEqual(['pay 5', 'book 1']);
    });
  });

  describe('one header for one mutation twice is refused before anything runs', () => {
    it.each([
      ['in one subgraph', 'mutation { a: pay(amount: 5) { id } b: pay(amount: 5) { id } }'],
      [
        'with a mutation of another subgraph between them',
        'mutation { a: pay(amount: 5) { id } book(nights: 1) { id } b: pay(amount: 5) { id } }',
      ],
      [
        'in fragments',
        `mutation { ...A rename(name: "B") { id } ... on Mutation { b: pay(amount: 6) { id } } ...A }
         fragment A on Mutation { pay(amount: 5) { id } }`,
      ],
    ])('%s', async (_, query) => {
      const response = await gateway.post(query, { key });
      expect(response.status).toBe(200);
      expect(codes(response)).toEqual(['IDEMPOTENCY_KEY_AMBIGUOUS']);
      expect(log.effects).toEqual([]);
    });

    it('in a batch', async () => {
      const other = await serveGateway(gatewayWith(supergraphSdl, { batches: true }));
      others.push(other);
      const { body } = await other.postBatch([PAY, PAY], { key });
      expect(JSON.stringify(body).match(/IDEMPOTENCY_KEY_AMBIGUOUS/g)).toHaveLength(2);
      expect(log.effects).toEqual([]);

      const own = (name: string): string =>
        `mutation { pay(amount: 5) @idempotent(key: "${key}-${name}") { id } }`;
      await other.postBatch([own('a'), own('b')]);
      const again = await other.postBatch([own('a'), own('c')]);
      expect(JSON.stringify(again.body).match(/replayed/g)).toHaveLength(1);
      expect(isReplay(again)).toBe(false);
      expect(log.effects).toEqual(['pay 5', 'pay 5', 'pay 5']);
    });

    it('but one field that is selected twice is one', async () => {
      const query =
        'mutation { pay(amount: 5) { id } ... on Mutation { pay(amount: 5) { amount } } }';
      expect((await gateway.post(query, { key })).body.errors).toBeUndefined();
      expect(log.effects).toEqual(['pay 5']);
    });

    it('and selections with a key each need no header', async () => {
      const query = `mutation {
        a: pay(amount: 5) @idempotent(key: "${key}-a") { id }
        rename(name: "B") { id }
        b: pay(amount: 5) @idempotent(key: "${key}-b") { id }
      }`;
      const response = await gateway.post(query);
      expect(marks(response)).toEqual({ a: 'executed', b: 'executed' });
      expect(log.effects).toEqual(['pay 5', 'rename B', 'pay 5']);
    });
  });

  describe('what a mutation returned', () => {
    const NAMED = 'mutation { pay(amount: 5) { id payer { id name } } }';

    it('is completed from other subgraphs for every answer', async () => {
      const first = await gateway.post(NAMED, { key });
      const second = await gateway.post(NAMED, { key });
      expect(first.body.data?.['pay']).toMatchObject({ payer: { name: 'Name of alice' } });
      expect(second.body.data).toEqual(first.body.data);
      expect(isReplay(second)).toBe(true);
    });

    it('is complete in a retry after one of them was away', async () => {
      const lost = accounts.proxy.strike({ request: '_entities' }, 'cut');
      const first = await gateway.post(NAMED, { key });
      await lost;
      expect(first.body.errors).toHaveLength(1);
      expect(first.body.data?.['pay']).toMatchObject({ payer: { name: null } });
      expect(marks(first)).toEqual({ pay: 'executed' });
      const second = await gateway.post(NAMED, { key });
      expect(second.body.errors).toBeUndefined();
      expect(second.body.data?.['pay']).toMatchObject({ payer: { name: 'Name of alice' } });
      expect(log.effects).toEqual(['pay 5']);
    });
  });

  describe('an error', () => {
    it('of the library comes through as it is', async () => {
      await gateway.post(PAY, { key });
      const response = await gateway.post('mutation { mine: pay(amount: 6) { id } }', { key });
      expect(response.status).toBe(200);
      expect(response.body.errors).toEqual([
        {
          message: expect.stringContaining('used with other arguments') as string,
          path: ['mine'],
          extensions: expect.objectContaining({
            code: 'IDEMPOTENCY_KEY_PARAMETER_MISMATCH',
            retryable: false,
            serviceName: 'payments',
          }) as object,
        },
      ]);
      expect(marks(response)).toEqual({ mine: 'rejected' });
    });

    it('says when to retry', async () => {
      log.hold();
      const query = 'mutation { refund(payment: "p1") { id } }';
      const first = gateway.post(query, { key });
      await until(() => log.effects.length === 1);
      const second = await gateway.post(query, { key });
      log.release();
      expect(second.body.errors?.[0]?.extensions).toMatchObject({
        code: 'IDEMPOTENCY_CONCURRENT_REQUEST',
        retryable: true,
        retryAfterMs: expect.any(Number) as number,
      });
      expect((await first).body.errors).toBeUndefined();
    });

    it('that the mutation answered with is replayed with its extensions', async () => {
      const query = 'mutation { pay(amount: 2000) { id } }';
      await gateway.post(query, { key });
      const second = await gateway.post(query, { key });
      expect(second.body.errors?.[0]).toMatchObject({
        message: 'Declined.',
        path: ['pay'],
        extensions: { code: 'DECLINED', limit: 1_000 },
      });
      expect(isReplay(second)).toBe(true);
      expect(log.effects).toEqual(['declined 2000']);
    });

    it('about a misplaced @idempotent is buried, as every answer is that is not 2xx', async () => {
      const response = await gateway.post('{ vacancies @idempotent(key: "k") }');
      expect(response.body.errors?.[0]).toMatchObject({
        message: '400: Bad Request',
        extensions: { code: 'INTERNAL_SERVER_ERROR' },
      });
    });
  });

  describe('a retry is one effect', () => {
    it.each<[string, string]>([
      ['an SDL-first subgraph', PAY],
      ['a TypeGraphQL subgraph', 'mutation { book(nights: 1) { id } }'],
    ])('when the answer of %s was lost on its way to the gateway', async (_, query) => {
      const { proxy } = query === PAY ? payments : bookings;
      const lost = proxy.strike({ request: key }, { cutReplyAfter: 0 });
      const first = await gateway.post(query, { key });
      await lost;
      expect(codes(first)).toEqual(['INTERNAL_SERVER_ERROR']);
      expect(first.body.extensions).toBeUndefined();
      expect(log.effects).toHaveLength(1);
      const second = await gateway.post(query, { key });
      expect(second.body.errors).toBeUndefined();
      expect(isReplay(second)).toBe(true);
      expect(log.effects).toHaveLength(1);
    });

    it('when the answer of the gateway was lost on its way to the client', async () => {
      const lost = gateway.proxy.strike({ request: key }, { cutReplyAfter: 0 });
      await expect(gateway.post(PAY, { key })).rejects.toThrow('fetch failed');
      await lost;
      expect(isReplay(await gateway.post(PAY, { key }))).toBe(true);
      expect(log.effects).toEqual(['pay 5']);
    });

    it('when the request never reached the subgraph: the gateway does not repeat it', async () => {
      const lost = payments.proxy.strike({ request: key }, 'cut');
      expect(codes(await gateway.post(PAY, { key }))).toEqual(['INTERNAL_SERVER_ERROR']);
      await lost;
      expect(log.effects).toEqual([]);
      expect(marks(await gateway.post(PAY, { key }))).toEqual({ pay: 'executed' });
      expect(log.effects).toEqual(['pay 5']);
    });

    it('when the subgraph was away, and another process of it answers', async () => {
      const first = await gateway.post(PAY, { key });
      payments.proxy.redirect(await freePort());
      payments.proxy.cut();
      expect(codes(await gateway.post(PAY, { key }))).toEqual(['INTERNAL_SERVER_ERROR']);
      const other = await servePayments(log, redis.url);
      others.push(other);
      payments.proxy.redirect(other.port);
      const second = await gateway.post(PAY, { key });
      payments.proxy.redirect(payments.port);
      payments.proxy.cut();
      expect(second.body.data).toEqual(first.body.data);
      expect(isReplay(second)).toBe(true);
      expect(log.effects).toEqual(['pay 5']);
    });

    it('when it is sent many times at once', async () => {
      log.hold();
      const all = Array.from({ length: 5 }, () => gateway.post(PAY, { key }));
      await until(() => log.effects.length > 0);
      log.release();
      const responses = await Promise.all(all);
      expect(new Set(responses.map(({ body }) => JSON.stringify(body.data))).size).toBe(1);
      expect(responses.filter(isReplay)).toHaveLength(4);
      expect(log.effects).toEqual(['pay 5']);
    });

    it('when the gateway sends persisted queries', async () => {
      const other = await serveGateway(gatewayWith(supergraphSdl, { apq: true }));
      others.push(other);
      const query = 'mutation { pay(amount: 7) { id amount } }';
      const first = await other.post(query, { key });
      const second = await other.post(query, { key });
      expect(first.body.errors).toBeUndefined();
      expect([isReplay(first), isReplay(second)]).toEqual([false, true]);
      expect(log.effects).toEqual(['pay 7']);
    });
  });
});
