import { QueryClient } from '@tanstack/react-query';
import { GraphQLClient } from 'graphql-request';
import { withIdempotency } from '../../src/client/fetch/index.js';
import {
  idempotencyReports,
  isReplay,
  type AnswerLike,
  type IdempotencyClientOptions,
} from '../../src/client/index.js';
import { MemoryStore } from '../../src/index.js';
import { faulty } from '../support/faulty-store.js';
import { until } from '../support/until.js';
import { operations } from './bank.js';
import { useBank } from './use-bank.js';

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;
const PAY =
  'mutation Pay($amount: Int!, $key: String) { pay(amount: $amount) @idempotent(key: $key) { id } }';
const BOOK = 'mutation Book($amount: Int!) { book(amount: $amount) { id } }';

interface Sent {
  readonly key: string | null;
  readonly body: Record<string, unknown> | undefined;
}

describe('withIdempotency', () => {
  const at = useBank();
  const { start } = at;
  let sent: Sent[];
  let retries: (string | undefined)[];

  beforeEach(() => {
    sent = [];
    retries = [];
  });

  const uri = (): string => at.url;

  /** A fetch that notes what goes out. */
  const noting: typeof fetch = async (input, init) => {
    const request = new Request(input, init);
    const text = await request.clone().text();
    sent.push({
      key: request.headers.get('idempotency-key'),
      body: text.startsWith('{') ? (JSON.parse(text) as Sent['body']) : undefined,
    });
    return fetch(request);
  };

  function create(options: Partial<IdempotencyClientOptions> = {}, fetcher = noting): typeof fetch {
    return withIdempotency(fetcher, {
      ...(options.isIdempotent === undefined && { operations }),
      clock: at.clock,
      random: () => 0,
      onRetry: ({ code }) => retries.push(code),
      ...options,
    });
  }

  async function post(
    send: typeof fetch,
    body: unknown,
    init: RequestInit = {},
  ): Promise<AnswerLike & { data?: unknown; errors?: { extensions: { code: string } }[] }> {
    const headers = { 'content-type': 'application/json', ...(init.headers as object) };
    const text = JSON.stringify(body);
    const response = await send(uri(), { method: 'POST', ...init, headers, body: text });
    return (await response.json()) as AnswerLike;
  }

  /** Waits until it waits, then lets time pass. */
  async function pass(ms: number): Promise<void> {
    await until(() => at.clock.pending > 0);
    await at.clock.advance(ms);
  }

  it('gives each marked mutation a key in its place, and another one for each call', async () => {
    await start();
    const send = create();
    for (const query of [PAY, BOOK, PAY]) await post(send, { query, variables: { amount: 1 } });
    const [pay, book, again] = sent;
    expect(pay).toMatchObject({
      key: null,
      body: { variables: { key: expect.stringMatching(UUID) as string } },
    });
    expect(book?.key).toMatch(UUID);
    expect(book?.body).toEqual({ query: BOOK, variables: { amount: 1 } });
    expect(again?.body?.['variables']).not.toEqual(pay?.body?.['variables']);
    expect(at.bank.effects).toEqual(['pay 1', 'book 1', 'pay 1']);
  });

  it.each([
    ['that was lost', { cutReplyAfter: 0 }],
    ['that broke off', { cutReplyAfter: 300 }],
  ])('sends the same key again after a response %s', async (_, fault) => {
    await start();
    const send = create();
    const struck = at.proxy.strike({ request: 'mutation' }, fault);
    const answer = post(send, { query: PAY, variables: { amount: 1 } });
    await struck;
    await pass(250);
    expect(isReplay(await answer)).toBe(true);
    expect(new Set(sent.map(({ body }) => JSON.stringify(body))).size).toBe(1);
    expect([sent.length, retries, at.bank.effects]).toEqual([2, [undefined], ['pay 1']]);
  });

  it.each([false, true])('goes on when the store is back (httpStatus: %s)', async (httpStatus) => {
    let away = false;
    const store = faulty(new MemoryStore(), () => (away ? 'reject' : undefined));
    await start({ store, httpStatus });
    away = true;
    const answer = post(create(), { query: PAY, variables: { amount: 1 } });
    await pass(1_000);
    await until(() => retries.length === 2);
    away = false;
    await pass(1_000);
    expect(idempotencyReports(await answer)).toMatchObject({ pay: { status: 'executed' } });
    expect(at.bank.effects).toEqual(['pay 1']);
  });

  it('takes the key of the caller, from the header or the variable', async () => {
    await start();
    const send = create();
    for (let time = 0; time < 2; time += 1) {
      await post(
        send,
        { query: BOOK, variables: { amount: 1 } },
        { headers: { 'Idempotency-Key': 'k1' } },
      );
      await post(send, { query: PAY, variables: { amount: 1, key: 'k2' } });
    }
    expect(at.bank.effects).toEqual(['book 1', 'pay 1']);
  });

  it.each([
    ['an integer beyond 2^53', '9007199254740993'],
    ['many decimals', '0.10000000000000000555'],
    ['a spelling of its own', '1.50'],
    ['minus zero', '-0'],
    ['an exponent', '1e400'],
  ])('sends a number as the caller wrote it: %s', async (_, number) => {
    await start();
    const texts: unknown[] = [];
    const send = create({}, (_input, init) => {
      texts.push(init?.body);
      return Promise.resolve(Response.json({ data: { pay: null } }));
    });
    const note = String.raw`"9007199254740993 \" 1.50"`;
    const variables = `{"amount": ${number}, "deep": [{"n":${number}}], "note": ${note}}`;
    const body = `{"query": ${JSON.stringify(PAY)}, "variables": ${variables}, "id": ${number}}`;
    await send(uri(), { method: 'POST', body });
    const [text] = texts;
    const { variables: sentOnes } = JSON.parse(String(text)) as { variables: { key: string } };
    expect(text).toBe(
      `{"query":${JSON.stringify(PAY)},"variables":{"amount":${number},"deep":[{"n":${number}}],` +
        `"note":${note},"key":"${sentOnes.key}"},"id":${number}}`,
    );
  });

  it('is what graphql-request sends with', async () => {
    await start();
    const client = new GraphQLClient(uri(), { fetch: create() });
    const struck = at.proxy.strike({ request: 'mutation' }, { cutReplyAfter: 0 });
    const answer = client.request<object>(PAY, { amount: 1 });
    await struck;
    await pass(250);
    expect(await answer).toEqual({ pay: { id: 'pay-1' } });
    const headers = { 'idempotency-key': 'mine' };
    await client.request(BOOK, { amount: 1 }, headers);
    await client.request(BOOK, { amount: 1 }, headers);
    expect(at.bank.effects).toEqual(['pay 1', 'book 1']);
  });

  it('is what a mutation of TanStack Query sends with, also when that retries with its variables', async () => {
    await start();
    const send = create({ attemptsMax: 1 });
    const client = new QueryClient({ defaultOptions: { mutations: { retry: 1, retryDelay: 0 } } });
    const mutation = client.getMutationCache().build(client, {
      mutationFn: (variables: object) => post(send, { query: PAY, variables }),
    });
    const struck = at.proxy.strike({ request: 'mutation' }, { cutReplyAfter: 0 });
    const answer = await mutation.execute({ amount: 1, key: 'of-the-intent' });
    await struck;
    expect(isReplay(answer as AnswerLike)).toBe(true);
    expect(at.bank.effects).toEqual(['pay 1']);
    client.clear();
  });

  it('takes a Request for what it is', async () => {
    await start();
    const send = create();
    const init = { method: 'POST', headers: { 'content-type': 'application/json' } };
    const body = JSON.stringify({ query: BOOK, variables: { amount: 1 } });
    const struck = at.proxy.strike({ request: 'mutation' }, { cutReplyAfter: 0 });
    const response = send(new Request(uri(), { ...init, body }));
    await struck;
    await pass(250);
    expect(isReplay((await (await response).json()) as AnswerLike)).toBe(true);
    expect(new Set(sent.map(({ key }) => key)).size).toBe(1);
  });

  it('leaves everything else as it is', async () => {
    await start();
    const calls: Parameters<typeof fetch>[] = [];
    const send = create({}, (...call) => {
      calls.push(call);
      return Promise.resolve(new Response('{}'));
    });
    const json = (body: unknown): RequestInit => ({ method: 'POST', body: JSON.stringify(body) });
    const given: Parameters<typeof fetch>[] = [
      ['/', undefined],
      ['/', json({ query: 'query Balance { balance }' })],
      ['/', json({ query: 'mutation Rename { rename(name: "y") }' })],
      ['/', json({ query: 'mutation {' })],
      ['/', json({ query: 5, operationName: 'Pay' })],
      ['/', json([{ query: '{ balance }' }])],
      ['/', json('text')],
      ['/', { method: 'POST', body: 'no JSON' }],
      ['/', { method: 'POST', body: new FormData() }],
    ];
    for (const call of given) await send(...call);
    expect(calls).toEqual(given);
  });

  it('finds the operation by its name, also where the server knows the document', async () => {
    await start();
    const bodies: unknown[] = [];
    const send = create({ generateKey: () => 'made' }, (_, init) => {
      bodies.push(JSON.parse(init?.body as string));
      return Promise.resolve(
        new Response('{}', { headers: { 'content-type': 'application/json' } }),
      );
    });
    const persisted = { operationName: 'Pay', extensions: { persistedQuery: { version: 1 } } };
    await post(send, persisted);
    await post(send, { operationName: 'Pay', query: `${BOOK} ${PAY}`, variables: { amount: 1 } });
    expect(bodies).toEqual([
      { ...persisted, variables: { key: 'made' } },
      { operationName: 'Pay', query: `${BOOK} ${PAY}`, variables: { amount: 1, key: 'made' } },
    ]);
  });

  it('does not send a mutation again that also does something without a key', async () => {
    await start();
    const query =
      'mutation PayAndRename($key: String) { pay: payOrNull(amount: 1, idempotencyKey: $key) { id } rename(name: "x") }';
    const struck = at.proxy.strike({ request: 'mutation' }, { cutReplyAfter: 0 });
    await expect(post(create(), { query })).rejects.toThrow('fetch failed');
    await struck;
    expect([sent.length, at.clock.pending]).toEqual([1, 0]);
  });

  it('refuses a batch with a marked mutation, and a bad key, before anything is sent', async () => {
    await start();
    const one = { query: PAY, variables: { amount: 1 } };
    await expect(post(create(), [{ query: '{ balance }' }, one])).rejects.toThrow(
      'withIdempotency: Pay is idempotent and cannot be sent in a batch. Send it by itself.',
    );
    await expect(post(create({ generateKey: () => 'a b' }), one)).rejects.toMatchObject({
      code: 'IDEMPOTENCY_KEY_INVALID',
    });
    expect(sent).toEqual([]);
  });

  it.each([502, 503, 504])(
    'takes a %s of something in between for a lost answer',
    async (status) => {
      await start();
      const answers = [
        new Response('Bad gateway', { status }),
        new Response('{"message":"away"}', {
          status,
          headers: { 'content-type': 'application/json' },
        }),
      ];
      const send = create({}, (...call) => {
        const answer = answers.shift();
        return answer === undefined ? noting(...call) : Promise.resolve(answer);
      });
      const answer = post(send, { query: PAY, variables: { amount: 1 } });
      await pass(250);
      await pass(500);
      expect(idempotencyReports(await answer)).toMatchObject({ pay: { status: 'executed' } });
    },
  );

  it.each([
    ['while it tried again', { everyMs: 3_000, asleepMs: 0, attempts: 3 }],
    ['while the device slept', { everyMs: 0, asleepMs: 10_000, attempts: 1 }],
  ])('sends nothing again that the server may have forgotten %s', async (_, way) => {
    await start();
    let attempts = 0;
    let asleepMs = 0;
    // A monotonic clock may stand still while a device sleeps.
    const clock = {
      now: () => at.clock.now(),
      wallMs: () => at.clock.wallMs() + asleepMs,
      schedule: (delayMs: number, act: () => void) => at.clock.schedule(delayMs, act),
    };
    const send = create(
      { clock, operations: { Pay: { ...operations.Pay, ttlSeconds: 10 } } },
      () => {
        attempts += 1;
        at.clock.stall(way.everyMs);
        asleepMs += way.asleepMs;
        return Promise.resolve(new Response(null, { status: 504 }));
      },
    );
    let status: number | undefined;
    void send(uri(), { method: 'POST', body: JSON.stringify({ query: PAY }) }).then((response) => {
      status = response.status;
    });
    await until(async () => {
      await at.clock.advance(250);
      return status !== undefined;
    });
    expect([status, attempts]).toEqual([504, way.attempts]);
  });

  it('passes the last refusal on, and stops a wait when it is aborted', async () => {
    await start({ waitMs: 0 });
    at.bank.close('pay');
    const body = { query: PAY, variables: { amount: 1, key: 'k1' } };
    const first = post(create(), body);
    await until(() => at.bank.effects.length === 1);
    const answer = await post(create({ attemptsMax: 1 }), body);
    expect(answer.errors?.[0]?.extensions.code).toBe('IDEMPOTENCY_CONCURRENT_REQUEST');
    const controller = new AbortController();
    const aborted = post(create(), body, { signal: controller.signal });
    await until(() => at.clock.pending === 1);
    const before = sent.length;
    controller.abort(new Error('The page was left.'));
    await expect(aborted).rejects.toThrow('The page was left.');
    expect([at.clock.pending, sent.length]).toEqual([0, before]);
    at.bank.open();
    await first;
  });

  it('asks a predicate about mutations only', async () => {
    await start();
    const asked: unknown[] = [];
    const send = create({
      isIdempotent: ({ operationName }) => {
        asked.push(operationName);
        return operationName === 'Book';
      },
    });
    for (const query of ['{ balance }', BOOK, 'mutation Rename { rename(name: "y") }']) {
      await post(send, { query, variables: { amount: 1 } });
    }
    await post(send, { operationName: 'Unknown' });
    expect(asked).toEqual(['Book', 'Rename']);
    expect(sent.map(({ key }) => key !== null)).toEqual([false, true, false, false]);
  });

  it('says what is wrong with its options', async () => {
    await start();
    expect(() => withIdempotency(fetch, {})).toThrow(
      'withIdempotency:\n  - give either operations',
    );
    expect(() => withIdempotency(undefined as never, { operations })).toThrow('give it a fetch');
  });
});
