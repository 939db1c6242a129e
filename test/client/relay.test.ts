import {
  commitMutation,
  Environment,
  fetchQuery,
  Network,
  Observable,
  RecordSource,
  Store,
  type ConcreteRequest,
  type GraphQLResponse,
  type MutationConfig,
  type MutationParameters,
} from 'relay-runtime';
import {
  isReplay,
  type IdempotencyClientOptions,
  type ShownAnswer,
} from '../../src/client/index.js';
import { idempotentFetch, intentConfig } from '../../src/client/relay/index.js';
import { MemoryStore } from '../../src/index.js';
import { faulty } from '../support/faulty-store.js';
import { until } from '../support/until.js';
import { operations } from './bank.js';
import { useBank } from './use-bank.js';

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;

/** Relay's compiled form of an operation with one root field that has an `id`. */
function compiled(
  kind: 'query' | 'mutation',
  name: string,
  text: string,
  root: object,
): ConcreteRequest {
  // Relay sends the variables that are declared, with null for those that it was not given.
  const argumentDefinitions = Array.from(text.matchAll(/\$(\w+):/g), ([, variable]) => ({
    ...{ defaultValue: null, kind: 'LocalArgument', name: variable },
  }));
  const operation = { kind: 'Operation', name, argumentDefinitions, selections: [root] };
  return {
    kind: 'Request',
    fragment: {
      ...operation,
      kind: 'Fragment',
      metadata: null,
      type: 'Mutation',
      abstractKey: null,
    },
    operation,
    params: { id: null, cacheID: name, text, name, operationKind: kind, metadata: {} },
  } as unknown as ConcreteRequest;
}

const scalar = (name: string): object => ({
  ...{ alias: null, args: null, kind: 'ScalarField', name, storageKey: null },
});
const payment = (name: string): object => ({
  ...{ alias: null, args: null, concreteType: 'Payment', kind: 'LinkedField', name },
  ...{ plural: false, selections: [scalar('id')], storageKey: null },
});
const mutation = (name: string, text: string, field: string): ConcreteRequest =>
  compiled('mutation', name, `mutation ${name}${text}`, payment(field));

const PAY = mutation(
  'Pay',
  '($amount: Int!, $key: String) { pay(amount: $amount) @idempotent(key: $key) { id } }',
  'pay',
);
const BOOK = mutation('Book', '($amount: Int!) { book(amount: $amount) { id } }', 'book');
const PAY_AND_RENAME = mutation(
  'PayAndRename',
  '($key: String) { pay: payOrNull(amount: 1, idempotencyKey: $key) { id } rename(name: "x") }',
  'pay',
);
const RENAME = compiled(
  'mutation',
  'Rename',
  'mutation Rename { rename(name: "y") }',
  scalar('rename'),
);
const BALANCE = compiled('query', 'Balance', 'query Balance { balance }', scalar('balance'));

type Send = Parameters<typeof idempotentFetch<GraphQLResponse>>[0];

interface Sent {
  readonly key: string | undefined;
  readonly variables: Readonly<Record<string, unknown>>;
}

describe('the fetch function for Relay', () => {
  const at = useBank();
  const { start } = at;
  let sent: Sent[];
  let retries: (string | undefined)[];

  beforeEach(() => {
    sent = [];
    retries = [];
  });

  /** A fetch function as applications have it. */
  const send: Send = async ({ text, name }, variables, { headers }) => {
    sent.push({ key: headers['idempotency-key'], variables });
    const response = await fetch(at.url, {
      method: 'POST',
      headers: { ...headers, 'content-type': 'application/json' },
      body: JSON.stringify({ query: text, operationName: name, variables }),
    });
    return (await response.json()) as GraphQLResponse;
  };

  /** One that returns an observable. */
  const observed: Send = (...call) => Observable.from(send(...call));

  const ours = (
    options: Partial<IdempotencyClientOptions> = {},
    fetchFunction = send,
  ): ReturnType<typeof idempotentFetch<GraphQLResponse>> =>
    idempotentFetch(fetchFunction, {
      ...(options.isIdempotent === undefined && { operations }),
      clock: at.clock,
      random: () => 0,
      onRetry: ({ code }) => retries.push(code),
      ...options,
    });

  const create = (fetchFunction = ours()): Environment =>
    new Environment({
      network: Network.create(fetchFunction),
      store: new Store(new RecordSource()),
    });

  function commit(
    environment: Environment,
    request: ConcreteRequest,
    variables: Record<string, unknown>,
    cacheConfig?: MutationConfig<MutationParameters>['cacheConfig'],
  ): Promise<unknown> {
    return new Promise((onCompleted, onError) => {
      commitMutation(environment, {
        mutation: request,
        variables,
        ...(cacheConfig !== undefined && { cacheConfig }),
        onCompleted,
        onError,
      });
    });
  }

  /** Waits until it waits, then lets time pass. */
  async function pass(ms: number): Promise<void> {
    await until(() => at.clock.pending > 0);
    await at.clock.advance(ms);
  }

  const keyOf = ({ key, variables }: Sent): unknown => key ?? variables['key'];

  it('gives each marked mutation a key in its place, and another one for each call', async () => {
    await start();
    const environment = create();
    for (const request of [PAY, BOOK, PAY]) await commit(environment, request, { amount: 1 });
    for (const one of sent) expect(keyOf(one)).toMatch(UUID);
    expect(new Set(sent.map(keyOf)).size).toBe(3);
    expect(sent.map(({ key }) => key === undefined)).toEqual([true, false, true]);
    expect(at.bank.effects).toEqual(['pay 1', 'book 1', 'pay 1']);
  });

  it.each([
    ['a promise', send],
    ['an observable', observed],
  ])('sends the same key again when the response is lost, of %s', async (_, fetchFunction) => {
    await start();
    const environment = create(ours({}, fetchFunction));
    for (const request of [PAY, BOOK]) {
      sent.length = 0;
      const struck = at.proxy.strike({ request: 'mutation' }, { cutReplyAfter: 0 });
      const answers: ShownAnswer[] = [];
      const config = intentConfig(undefined, (answer) => answers.push(answer));
      const committed = commit(environment, request, { amount: 1 }, config);
      await struck;
      await pass(250);
      await committed;
      expect(answers.map(isReplay)).toEqual([true]);
      expect([sent.length, new Set(sent.map(keyOf)).size]).toEqual([2, 1]);
    }
    expect(retries).toEqual([undefined, undefined]);
    expect(at.bank.effects).toEqual(['pay 1', 'book 1']);
  });

  it('takes the key of the caller, for one intent in several calls', async () => {
    await start();
    const environment = create();
    const answers: boolean[] = [];
    for (let time = 0; time < 2; time += 1) {
      const config = intentConfig('order-1', (answer) => answers.push(isReplay(answer)));
      await commit(environment, BOOK, { amount: 1 }, config);
    }
    expect(sent.map(({ key }) => key)).toEqual(['order-1', 'order-1']);
    expect([at.bank.effects, answers]).toEqual([['book 1'], [false, true]]);
  });

  it.each([false, true])('goes on when the store is back (httpStatus: %s)', async (httpStatus) => {
    let away = false;
    const store = faulty(new MemoryStore(), () => (away ? 'reject' : undefined));
    await start({ store, httpStatus });
    away = true;
    const committed = commit(create(), PAY, { amount: 1 });
    await until(() => retries.length === 1);
    away = false;
    await at.clock.advance(1_000);
    expect(await committed).toEqual({ pay: { id: 'pay-1' } });
    expect(retries).toEqual(['IDEMPOTENCY_STORE_UNAVAILABLE']);
    expect(at.bank.effects).toEqual(['pay 1']);
  });

  it('passes the last refusal on, and what is refused for good at once', async () => {
    await start({ waitMs: 0 });
    at.bank.close('pay');
    const environment = create(ours({ attemptsMax: 2 }));
    const first = commit(environment, PAY, { amount: 1 }, intentConfig('k1'));
    await until(() => at.bank.effects.length === 1);
    const codes: unknown[] = [];
    const noteCodes = ({ errors = [] }: ShownAnswer): void => {
      for (const error of errors ?? []) {
        codes.push((error as { extensions?: { code?: string } }).extensions?.code);
      }
    };
    const second = commit(environment, PAY, { amount: 1 }, intentConfig('k1', noteCodes));
    const refused = second.catch(String);
    await pass(1_000);
    expect(await refused).toContain('No data returned for operation `Pay`');
    expect([sent.length, at.clock.pending]).toEqual([3, 0]);
    at.bank.open();
    await first;
    const other = commit(environment, PAY, { amount: 2 }, intentConfig('k1', noteCodes));
    await expect(other).rejects.toThrow(/Pay/);
    expect(sent).toHaveLength(4);
    expect(codes).toEqual(['IDEMPOTENCY_CONCURRENT_REQUEST', 'IDEMPOTENCY_KEY_PARAMETER_MISMATCH']);
  });

  it.each([
    ['a promise', send],
    ['an observable', observed],
  ])('stops waiting when the mutation is disposed of, over %s', async (_, fetchFunction) => {
    await start({ waitMs: 0 });
    at.bank.close('pay');
    const environment = create(ours({}, fetchFunction));
    const first = commit(environment, PAY, { amount: 1 }, intentConfig('k1'));
    await until(() => at.bank.effects.length === 1);
    const seen: unknown[] = [];
    const { dispose } = commitMutation(environment, {
      mutation: PAY,
      variables: { amount: 1 },
      cacheConfig: intentConfig('k1'),
      onCompleted: (data) => seen.push(data),
      onError: (error) => seen.push(error),
    });
    await until(() => at.clock.pending === 1);
    dispose();
    expect([at.clock.pending, sent.length, seen]).toEqual([0, 2, []]);
    at.bank.open();
    await first;
  });

  it('does not repeat a mutation that also does something without a key', async () => {
    await start();
    const struck = at.proxy.strike({ request: 'mutation' }, { cutReplyAfter: 0 });
    const committed = commit(create(), PAY_AND_RENAME, {});
    await expect(committed).rejects.toThrow('fetch failed');
    await struck;
    expect([sent.length, at.clock.pending]).toEqual([1, 0]);
  });

  it('does not repeat what was aborted', async () => {
    await start();
    const aborted: Send = () => Promise.reject(new DOMException('Aborted.', 'AbortError'));
    await expect(commit(create(ours({}, aborted)), PAY, { amount: 1 })).rejects.toThrow('Aborted.');
    expect([retries, at.clock.pending]).toEqual([[], 0]);
  });

  it('asks again after an error that the fetch function throws or returns', async () => {
    await start();
    const failures: Send[] = [
      () => {
        throw new Error('No network.');
      },
      () => new Error('No network.') as never,
    ];
    const environment = create(ours({}, (...call) => (failures.shift() ?? send)(...call)));
    const committed = commit(environment, PAY, { amount: 1 });
    await pass(250);
    await pass(500);
    expect(await committed).toEqual({ pay: { id: 'pay-1' } });
    expect(retries).toEqual([undefined, undefined]);
  });

  it('leaves queries and unmarked mutations as they are', async () => {
    await start();
    const environment = create();
    expect(await fetchQuery(environment, BALANCE as never, {}).toPromise()).toEqual({ balance: 7 });
    await commit(environment, RENAME, {});
    expect(sent).toEqual([
      { key: undefined, variables: {} },
      { key: undefined, variables: {} },
    ]);
  });

  it('answers a bad key with an error, and sends nothing', async () => {
    await start();
    const committed = commit(create(), PAY, { amount: 1 }, intentConfig('a b'));
    await expect(committed).rejects.toMatchObject({ code: 'IDEMPOTENCY_KEY_INVALID' });
    expect(sent).toEqual([]);
  });

  it('is refused without a map, without a function, and around itself', async () => {
    await start();
    expect(() => idempotentFetch(send, {})).toThrow('idempotentFetch:\n  - give either operations');
    expect(() => idempotentFetch(undefined as never, { operations })).toThrow(
      'idempotentFetch: give it the fetch function of the network.',
    );
    expect(() => idempotentFetch(ours() as Send, { operations })).toThrow(
      'idempotentFetch: the function is wrapped already. Wrap it once.',
    );
  });
});
