import type { ClientError } from 'graphql-request';
import { createSender } from '../../docs/examples/clients/fetch.js';
import { createClient as createRequestClient } from '../../docs/examples/clients/graphql-request.js';
import { createEnvironment } from '../../docs/examples/clients/relay.js';
import { createClient } from '../../docs/examples/clients/urql.js';
import type { IdempotentOperations, ShownAnswer } from '../../src/client/index.js';
import { intentConfig } from '../../src/client/relay/index.js';
import { commitMutation, type ConcreteRequest } from 'relay-runtime';
import { keyHeader, ORDER, startPayments, type TestPaymentsServer } from '../server/start.js';
import { startTcpProxy, type TcpProxy } from '../support/tcp-proxy.js';
import { until } from '../support/until.js';

const PAY = `mutation Pay($input: CreatePaymentInput!) {
  createPayment(input: $input) { ... on Payment { id amount } }
}`;
const authorization = 'Bearer alice';
const operations: IdempotentOperations = {
  Pay: {
    idempotent: true,
    fields: { createPayment: { mutation: 'Mutation.createPayment', key: 'header' } },
  },
};

interface Money {
  readonly amount: number;
}

/** What Relay's compiler makes of the operation, without the fields, which nobody reads from the store. */
const OPERATION = {
  kind: 'Operation',
  name: 'Pay',
  argumentDefinitions: [{ defaultValue: null, kind: 'LocalArgument', name: 'input' }],
  selections: [],
};
const COMPILED_PAY = {
  kind: 'Request',
  operation: OPERATION,
  fragment: { ...OPERATION, kind: 'Fragment', metadata: null, type: 'Mutation', abstractKey: null },
  params: {
    id: null,
    cacheID: 'Pay',
    text: PAY,
    name: 'Pay',
    operationKind: 'mutation',
    metadata: {},
  },
} as unknown as ConcreteRequest;

/** What a client ends up with: the payment's amount, or the code of the refusal. */
type Send = (url: string, amount: number, key?: string) => Promise<unknown>;

const recipes: Record<string, Send> = {
  async fetch(url, amount, key) {
    const send = createSender(url, operations, { authorization });
    const { data, errors } = await send(PAY, { input: { ...ORDER, amount } }, key);
    const code = (errors?.[0] as { extensions?: { code?: string } } | undefined)?.extensions?.code;
    return code ?? (data as { createPayment: { amount: number } }).createPayment.amount;
  },
  async urql(url, amount, key) {
    const variables = { input: { ...ORDER, amount } };
    const context = key === undefined ? {} : { idempotencyKey: key };
    const client = createClient(url, operations, new Set(['Pay']), authorization);
    const { data, error } = await client
      .mutation<{ createPayment: { amount: number } }>(PAY, variables, context)
      .toPromise();
    return error?.graphQLErrors[0]?.extensions['code'] ?? data?.createPayment.amount;
  },
  relay(url, amount, key) {
    return new Promise((resolve, reject) => {
      const answered = ({ data, errors }: ShownAnswer): void => {
        const [error] = (errors ?? []) as { extensions?: { code?: string } }[];
        resolve(error?.extensions?.code ?? (data as { createPayment: Money }).createPayment.amount);
      };
      commitMutation(createEnvironment(url, operations, authorization), {
        mutation: COMPILED_PAY,
        variables: { input: { ...ORDER, amount } },
        cacheConfig: intentConfig(key, answered),
        onError: reject,
      });
    });
  },
  async 'graphql-request'(url, amount, key) {
    const client = createRequestClient(url, operations, authorization);
    const variables = { input: { ...ORDER, amount } };
    const headers = key === undefined ? {} : { 'idempotency-key': key };
    const answer = client.request<{ createPayment: { amount: number } }>(PAY, variables, headers);
    return answer.then(
      ({ createPayment }) => createPayment.amount,
      (error: unknown) => (error as ClientError).response.errors?.[0]?.extensions['code'],
    );
  },
};

describe.each(Object.entries(recipes))('the recipe for %s', (_, send) => {
  let server: TestPaymentsServer;
  let proxy: TcpProxy;
  let url: string;

  beforeEach(async () => {
    server = await startPayments();
    proxy = await startTcpProxy(Number(new URL(server.url).port));
    url = `http://127.0.0.1:${String(proxy.port)}/`;
  });
  afterEach(async () => {
    await proxy.close();
    await server.stop();
  });

  async function payments(): Promise<unknown> {
    const { data } = await server.as('alice').post('{ payments { totalCount } }');
    return (data?.['payments'] as { totalCount: number }).totalCount;
  }

  it('pays once when the response is lost', async () => {
    const lost = proxy.strike({ request: 'createPayment' }, { cutReplyAfter: 0 });
    expect(await send(url, 5)).toBe(5);
    await lost;
    expect(await payments()).toBe(1);
  });

  it('makes another payment for another intent', async () => {
    expect([await send(url, 5), await send(url, 5)]).toEqual([5, 5]);
    expect(await payments()).toBe(2);
  });

  it('takes a key of the caller, for one intent in several calls', async () => {
    expect([await send(url, 5, 'order-1'), await send(url, 5, 'order-1')]).toEqual([5, 5]);
    expect(await payments()).toBe(1);
  });

  it('comes back while the store is away, and pays once', async () => {
    const switchStore = (away: boolean): Promise<Response> =>
      fetch(new URL('checkout/store', server.url), {
        method: 'POST',
        headers: { 'content-type': 'application/json', origin: new URL(server.url).origin },
        body: JSON.stringify({ away }),
      });
    await switchStore(true);
    const answer = send(url, 5);
    await until(() => server.lines.some((line) => line.includes('storeFailure')));
    await switchStore(false);
    expect(await answer).toBe(5);
    expect(await payments()).toBe(1);
  });

  it('stops at a refusal for good', async () => {
    const input = { ...ORDER, amount: 6 };
    await server.as('alice').post(PAY, { input }, keyHeader('order-1'));
    expect(await send(url, 5, 'order-1')).toBe('IDEMPOTENCY_KEY_PARAMETER_MISMATCH');
    expect(await payments()).toBe(1);
  });
});
