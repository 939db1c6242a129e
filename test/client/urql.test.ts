import { join } from 'node:path';
import type * as Urql from '@urql/core';
import type { Client, Exchange, OperationResult } from '@urql/core';
import type { RetryExchangeOptions } from '@urql/exchange-retry';
import { filter, pipe, subscribe } from 'wonka';
import {
  isReplay,
  type IdempotencyClientOptions,
  type PlannedRetry,
} from '../../src/client/index.js';
import { MemoryStore } from '../../src/index.js';
import { faulty } from '../support/faulty-store.js';
import { settle } from '../support/manual-clock.js';
import { otherVersions } from '../support/other-versions.js';
import { until } from '../support/until.js';
import { operations } from './bank.js';
import { useBank } from './use-bank.js';

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;
const PAY = `
  mutation Pay($amount: Int!, $key: String) {
    pay(amount: $amount) @idempotent(key: $key) {
      id
    }
  }
`;
const BOOK = `
  mutation Book($amount: Int!) {
    book(amount: $amount) {
      id
    }
  }
`;

interface Sent {
  readonly key: string | null;
  readonly headers: Headers;
  readonly variables: Record<string, unknown>;
}

/** The parts of urql 4, whose core is version 5. */
const URQL_4 = ['@urql/core@5.2.0', '@urql/exchange-retry@1.3.2'];

interface Modules {
  readonly urql: typeof Urql;
  readonly retryExchange: (options: RetryExchangeOptions) => Exchange;
  readonly idempotencyExchange: (options: IdempotencyClientOptions) => Exchange;
}

/** Loads the exchange over the installed core, or over one that lies elsewhere. */
function load(folder: string | undefined): Modules {
  const path = (name: string): string => (folder === undefined ? name : join(folder, name));
  const modules: Partial<Modules>[] = [];
  jest.isolateModules(() => {
    const urql = jest.requireActual<Modules['urql']>(path('@urql/core'));
    jest.doMock('@urql/core', () => urql);
    modules.push(
      { urql },
      jest.requireActual('../../src/client/urql/index.js'),
      jest.requireActual(path('@urql/exchange-retry')),
    );
    jest.dontMock('@urql/core');
  });
  return Object.assign({}, ...modules) as Modules;
}

describe.each([
  ['6', () => Promise.resolve(undefined)],
  ['5', () => otherVersions(URQL_4)],
])('the exchange for urql, over its core in version %s', (_version, folder) => {
  let urql: Modules['urql'];
  let retryExchange: Modules['retryExchange'];
  let idempotencyExchange: Modules['idempotencyExchange'];

  beforeAll(async () => {
    ({ urql, retryExchange, idempotencyExchange } = load(await folder()));
  });
  const at = useBank();
  const { start } = at;
  let sent: Sent[];
  let retries: PlannedRetry[];

  beforeEach(() => {
    sent = [];
    retries = [];
  });

  const ours = (options: Partial<IdempotencyClientOptions> = {}): Exchange =>
    idempotencyExchange({
      ...(options.isIdempotent === undefined && { operations }),
      clock: at.clock,
      random: () => 0,
      onRetry: (retry) => retries.push(retry),
      ...options,
    });
  const retry = (): Exchange =>
    retryExchange({ initialDelayMs: 1, randomDelay: false, maxNumberAttempts: 3 });

  function create(
    exchanges: readonly Exchange[] = [ours()],
    fetchOptions: RequestInit | (() => RequestInit) = {},
  ): Client {
    return new urql.Client({
      url: at.url,
      preferGetMethod: false,
      fetchOptions,
      exchanges: [...exchanges, urql.fetchExchange],
      fetch(uri, init) {
        const headers = new Headers(init?.headers);
        const body = JSON.parse(init?.body as string) as { variables?: Record<string, unknown> };
        const variables = body.variables ?? {};
        sent.push({ key: headers.get('idempotency-key'), headers, variables });
        return fetch(uri, init);
      },
    });
  }

  const codes = ({ error }: OperationResult): unknown[] =>
    (error?.graphQLErrors ?? []).map(({ extensions }) => extensions['code']);

  it('gives each marked mutation a key in its place, and another one for each call', async () => {
    await start();
    const client = create();
    await client.mutation(PAY, { amount: 1 });
    await client.mutation(BOOK, { amount: 1 });
    await client.mutation(PAY, { amount: 1 });
    const keys = [sent[0]?.variables['key'], sent[1]?.key, sent[2]?.variables['key']];
    for (const key of keys) expect(key).toMatch(UUID);
    expect(new Set(keys).size).toBe(3);
    expect(sent.map(({ key }) => key === null)).toEqual([true, false, true]);
    expect(at.bank.effects).toEqual(['pay 1', 'book 1', 'pay 1']);
  });

  it.each([
    ['before the retry exchange', () => [ours(), retry()]],
    ['after it', () => [retry(), ours()]],
  ])('keeps the key when a response is lost, placed %s', async (_, exchanges) => {
    await start();
    const client = create(exchanges());
    for (const [document, amount] of [
      [PAY, 1],
      [BOOK, 2],
    ] as const) {
      sent.length = 0;
      const struck = at.proxy.strike({ request: 'mutation' }, { cutReplyAfter: 0 });
      const answer = await client.mutation(document, { amount });
      await struck;
      expect(isReplay(answer)).toBe(true);
      expect(sent).toHaveLength(2);
      expect(new Set(sent.map(({ key, variables }) => key ?? variables['key'])).size).toBe(1);
    }
    expect(at.bank.effects).toEqual(['pay 1', 'book 2']);
  });

  it('takes the key of the caller', async () => {
    await start();
    const client = create();
    const context = { idempotencyKey: 'order-1' };
    const first = await client.mutation(BOOK, { amount: 1 }, context);
    const second = await client.mutation(BOOK, { amount: 1 }, context);
    expect(second.data).toEqual(first.data);
    expect(sent.map(({ key }) => key)).toEqual(['order-1', 'order-1']);
    expect(at.bank.effects).toEqual(['book 1']);
  });

  it('adds its header to those that there are, which may be asked for anew each time', async () => {
    await start();
    let token = 0;
    const client = create([ours(), retry()], () => ({
      headers: { 'x-token': String((token += 1)) },
    }));
    const struck = at.proxy.strike({ request: 'mutation' }, { cutReplyAfter: 0 });
    await client.mutation(BOOK, { amount: 1 });
    await struck;
    const tokens = sent.map(({ headers }) => Number(headers.get('x-token')));
    expect(tokens[1]).toBeGreaterThan(tokens[0] ?? Infinity);
    expect(new Set(sent.map(({ key }) => key)).size).toBe(1);
  });

  it.each([false, true])('goes on when the store is back (httpStatus: %s)', async (httpStatus) => {
    let away = false;
    const store = faulty(new MemoryStore(), () => (away ? 'reject' : undefined));
    await start({ store, httpStatus });
    away = true;
    const answer = create().mutation(PAY, { amount: 1 }).toPromise();
    await until(() => retries.length === 1);
    away = false;
    await at.clock.advance(1_000);
    expect((await answer).data).toEqual({ pay: { id: 'pay-1' } });
    expect(retries).toMatchObject([
      { code: 'IDEMPOTENCY_STORE_UNAVAILABLE', attempt: 1, afterMs: 1_000 },
    ]);
    expect(at.bank.effects).toEqual(['pay 1']);
  });

  it('passes the last refusal on, and what is refused for good at once', async () => {
    await start({ waitMs: 0 });
    at.bank.close('pay');
    const client = create([ours({ attemptsMax: 2 })]);
    const context = { idempotencyKey: 'k1' };
    const first = client.mutation(PAY, { amount: 1 }, context).toPromise();
    await until(() => at.bank.effects.length === 1);
    const second = client.mutation(PAY, { amount: 1 }, context).toPromise();
    await until(() => at.clock.pending === 1);
    await at.clock.advance(1_000);
    expect(codes(await second)).toEqual(['IDEMPOTENCY_CONCURRENT_REQUEST']);
    expect([sent.length, at.clock.pending]).toEqual([3, 0]);
    at.bank.open();
    await first;
    const other = await client.mutation(PAY, { amount: 2 }, context);
    expect(codes(other)).toEqual(['IDEMPOTENCY_KEY_PARAMETER_MISMATCH']);
    expect(sent).toHaveLength(4);
  });

  it('stops waiting when the mutation is torn down', async () => {
    await start({ waitMs: 0 });
    at.bank.close('pay');
    const client = create();
    const context = { idempotencyKey: 'k1' };
    const first = client.mutation(PAY, { amount: 1 }, context).toPromise();
    await until(() => at.bank.effects.length === 1);
    const request = urql.createRequest(PAY, { amount: 1 });
    const operation = client.createRequestOperation('mutation', request, context);
    const results: unknown[] = [];
    pipe(
      client.executeRequestOperation(operation),
      subscribe((result) => results.push(result)),
    );
    await until(() => at.clock.pending === 1);
    client.reexecuteOperation(urql.makeOperation('teardown', operation, operation.context));
    await until(() => at.clock.pending === 0);
    expect([sent.length, results]).toEqual([2, []]);
    at.bank.open();
    await first;
  });

  it('tells two equal mutations in flight apart', async () => {
    await start();
    at.bank.close('pay');
    const client = create();
    const both = [1, 1].map((amount) => client.mutation(PAY, { amount }).toPromise());
    await until(() => at.bank.effects.length === 2);
    at.bank.open();
    await Promise.all(both);
    expect(new Set(sent.map(({ variables }) => variables['key'])).size).toBe(2);
  });

  it('leaves queries and unmarked mutations as they are', async () => {
    await start();
    const plain = create([]);
    const keyed = create();
    const wire: unknown[] = [];
    for (const client of [plain, keyed]) {
      sent.length = 0;
      await client.query('query Balance { balance }', {});
      await client.mutation('mutation Rename { rename(name: "y") }', {});
      wire.push(sent.map(({ headers, variables }) => [[...headers], variables]));
    }
    expect(wire[1]).toEqual(wire[0]);
  });

  it('does not repeat a mutation that also does something without a key', async () => {
    await start({ waitMs: 0 });
    at.bank.close('payOrNull');
    const document = `
      mutation PayAndRename($key: String) {
        pay: payOrNull(amount: 1, idempotencyKey: $key) {
          id
        }
        rename(name: "x")
      }
    `;
    const client = create();
    const context = { idempotencyKey: 'k1' };
    const first = client.mutation(document, {}, context).toPromise();
    await until(() => at.bank.effects.length === 1);
    expect(codes(await client.mutation(document, {}, context))).toEqual([
      'IDEMPOTENCY_CONCURRENT_REQUEST',
    ]);
    expect([sent.length, at.clock.pending]).toEqual([2, 0]);
    at.bank.open();
    await first;
  });

  it('answers a bad key with an error, and sends nothing', async () => {
    await start();
    const client = create([ours({ generateKey: () => 'a b' })]);
    const { error } = await client.mutation(PAY, { amount: 1 });
    expect(error?.networkError).toMatchObject({ code: 'IDEMPOTENCY_KEY_INVALID' });
    expect(sent).toEqual([]);
    await settle();
  });

  it('is refused without a map, and twice in one client, with the order that is right', async () => {
    await start();
    expect(() => idempotencyExchange({})).toThrow(
      'idempotencyExchange:\n  - give either operations',
    );
    expect(() => create([ours(), retry(), ours()])).toThrow(
      'A client needs one idempotencyExchange, and not two: ' +
        '[cacheExchange, idempotencyExchange(…), retryExchange(…), fetchExchange].',
    );
    create();
  });

  it('passes every result of others on', async () => {
    await start();
    const seen: unknown[] = [];
    const watching: Exchange =
      ({ forward }) =>
      (operations$) =>
        pipe(
          forward(operations$),
          filter((result) => seen.push(result.operation.kind) > 0),
        );
    await create([watching, ours()]).query('query Balance { balance }', {});
    expect(seen).toEqual(['query']);
  });
});
