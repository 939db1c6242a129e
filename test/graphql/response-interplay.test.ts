import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { MapperKind, mapSchema } from '@graphql-tools/utils';
import {
  defaultFieldResolver,
  GraphQLError,
  versionInfo,
  type GraphQLFieldResolver,
} from 'graphql';
import { Deferred } from '../../src/core/async/deferred.js';
import { aesGcmCipher, applyIdempotency, MemoryStore } from '../../src/index.js';
import { RedisStore } from '../../src/stores/redis/index.js';
import { ManualClock } from '../support/manual-clock.js';
import { reap } from '../support/reaper.js';
import { PREFIX, SERVICE } from '../support/redis-keys.js';
import { useRedis } from '../support/use-redis.js';
import { until } from '../support/until.js';
import { codes, sdl, startServer, type TestResponse, type TestServer } from './apollo.js';
import { startHttpServer } from './http.js';
import { CACHE_CONTROL } from './twice.js';

class Payment {
  constructor(
    readonly id: string,
    readonly note = 'none',
  ) {}
  receipt(): string {
    return `receipt of ${this.id}`;
  }
}

const TYPES = `
  type Query { ping: String payment: Payment! }
  type Card { last4: String! network: Network! }
  type Network { name: String! }
  type Payment { id: ID! receipt: String! note: String! card: Card! declined: String }
  type Mutation {
    pay: Payment! @idempotent
    again: Payment @idempotent(onCrash: RERUN)
    unmarked: Payment!
  }`;

const headers = { 'idempotency-key': 'k1' };
const QUERY = 'mutation { pay { id receipt } }';

const report = (response: TestResponse, key = 'pay') =>
  response.body.extensions?.idempotency?.[key];

/** Payments as instances. What stands below the root field waits for `gate`, if there is one. */
class Payments {
  runs = 0;
  below = 0;
  gate: Deferred<undefined> | undefined;

  schema = sdl(TYPES, {
    Payment: {
      receipt: async (payment: Payment) => {
        this.below += 1;
        await this.gate?.promise;
        return payment.receipt();
      },
      declined: () => {
        throw new GraphQLError('Declined.', {
          extensions: { code: 'DECLINED', http: { status: 402 } },
        });
      },
    },
    Mutation: { pay: () => this.#pay(), again: () => this.#pay(), unmarked: () => this.#pay() },
  });

  #pay(): Payment {
    this.runs += 1;
    return new Payment(`p${String(this.runs)}`);
  }

  /** Sends a request, and waits until its resolver has returned and its response is being made. */
  async hold<T>(send: () => Promise<T>): Promise<{ readonly answer: Promise<T> }> {
    this.gate = new Deferred();
    const before = this.below;
    const answer = send();
    await until(() => this.below > before);
    return { answer };
  }

  release(): void {
    this.gate?.resolve(undefined);
    this.gate = undefined;
  }
}

describe('between the resolver and the end of the operation (G2, G8)', () => {
  let payments: Payments;
  const servers: TestServer[] = [];
  const start = async (...args: Parameters<typeof startServer>): Promise<TestServer> => {
    const server = await startServer(...args);
    servers.push(server);
    return server;
  };

  beforeEach(() => {
    payments = new Payments();
  });
  afterEach(async () => {
    payments.release();
    for (const server of servers.splice(0)) await server.stop();
  });

  it('a duplicate at another server waits, and learns of nothing before', async () => {
    const store = new MemoryStore();
    const [one, other] = [
      await start(payments.schema, { store }),
      await start(new Payments().schema, { store }),
    ];
    const { answer } = await payments.hold(() => one.post(QUERY, { headers }));
    const same = other.post('mutation { again: pay { id receipt } }', { headers });
    const another = other.post('mutation { pay { note } }', { headers });
    const settled = jest.fn();
    void Promise.race([same, another]).then(settled);
    for (let turn = 0; turn < 20; turn += 1) await new Promise(setImmediate);
    expect(settled).not.toHaveBeenCalled();
    payments.release();
    expect((await answer).body.data).toEqual({ pay: { id: 'p1', receipt: 'receipt of p1' } });
    expect((await same).body.data).toEqual({ again: { id: 'p1', receipt: 'receipt of p1' } });
    expect(report(await same, 'again')).toMatchObject({ status: 'replayed', waited: true });
    expect(codes(await another)).toEqual(['IDEMPOTENCY_RESULT_UNAVAILABLE']);
    expect(payments.runs).toBe(1);
  });

  it('a duplicate that does not wait is told so (G8)', async () => {
    const server = await start(payments.schema, { waitMs: 0 });
    const { answer } = await payments.hold(() => server.post(QUERY, { headers }));
    expect(codes(await server.post(QUERY, { headers }))).toEqual([
      'IDEMPOTENCY_CONCURRENT_REQUEST',
    ]);
    payments.release();
    await answer;
    expect(report(await server.post(QUERY, { headers }))).toMatchObject({ status: 'replayed' });
  });

  it('a redis.client that goes away changes nothing: its retry gets the answer', async () => {
    const server = await startHttpServer(payments.schema);
    const request = {
      headers: ['idempotency-key: k1'],
      body: { query: QUERY },
    };
    const { answer } = await payments.hold(() => server.open(request));
    const socket = await answer;
    const closed = once(socket, 'close');
    socket.destroy();
    await closed;
    payments.release();
    const retry = await server.send(request);
    expect(retry.body.data).toEqual({ pay: { id: 'p1', receipt: 'receipt of p1' } });
    expect(report(retry)).toMatchObject({ status: 'replayed', kept: 'response' });
    expect([payments.runs, payments.below]).toEqual([1, 1]);
    await server.stop();
  });

  it('a server that stops waits for the response, and stores it (G26)', async () => {
    const store = new MemoryStore();
    const server = await startServer(payments.schema, { store });
    const { answer } = await payments.hold(() => server.post(QUERY, { headers }));
    let isStopped = false;
    const stopping = server.stop().then(() => (isStopped = true));
    await new Promise(setImmediate);
    expect(isStopped).toBe(false);
    payments.release();
    expect(report(await answer)).toMatchObject({ kept: 'response' });
    await stopping;
    const next = await start(new Payments().schema, { store });
    const retry = await next.post(QUERY, { headers });
    expect(retry.body.data).toEqual({ pay: { id: 'p1', receipt: 'receipt of p1' } });
  });

  describe('a claim is lost to another server', () => {
    const LOST = 'mutation { again { id receipt } }';

    /** The answer to the first request, when the second has taken over and sent `query` meanwhile. */
    async function losing(
      theirs: Payments,
      query: string,
      ours = LOST,
    ): Promise<{ readonly first: TestResponse; readonly second: TestResponse }> {
      const clock = new ManualClock();
      const store = new MemoryStore({ clock });
      const [one, other] = [
        await start(payments.schema, { store }),
        await start(theirs.schema, { store }),
      ];
      const { answer } = await payments.hold(() => one.post(ours, { headers }));
      // Only the store has seen so much time pass, as after a pause of the first process.
      await clock.advance(120_000);
      const second = await other.post(query, { headers });
      payments.release();
      return { first: await answer, second };
    }

    it('and the other one has answered: both clients get its response', async () => {
      const theirs = new Payments();
      theirs.runs = 10;
      const { first, second } = await losing(theirs, LOST);
      expect(second.body.data).toEqual({ again: { id: 'p11', receipt: 'receipt of p11' } });
      expect(report(second, 'again')).toMatchObject({ status: 'executed', attempt: 2 });
      expect(first.body.data).toEqual(second.body.data);
      expect(first.body.errors).toBeUndefined();
      expect(report(first, 'again')).toMatchObject({ status: 'replayed', attempt: 2 });
      expect(first.headers.get('idempotent-replayed')).toBe('true');
    });

    it('and the other one was asked for something else: the first says that it cannot tell', async () => {
      const { first } = await losing(new Payments(), 'mutation { again { note } }');
      expect(first.body.data).toEqual({ again: null });
      expect(codes(first)).toEqual(['IDEMPOTENCY_RESULT_UNAVAILABLE']);
      expect(report(first, 'again')).toMatchObject({ status: 'rejected' });
    });

    it('and the other one has answered with an error below: the first redis.client gets that too', async () => {
      const query = 'mutation { again { id receipt declined } }';
      const { first, second } = await losing(new Payments(), query, query);
      expect(first.body.data).toEqual(second.body.data);
      expect(first.body.errors).toEqual(second.body.errors);
      expect(first.body.errors).toMatchObject([{ path: ['again', 'declined'] }]);
    });

    it('and the other one has answered with a value: the first is to ask again', async () => {
      const plain = new Payments();
      plain.schema = sdl(TYPES, { Mutation: { again: () => ({ id: 'v1', receipt: 'r' }) } });
      const { first, second } = await losing(plain, LOST);
      expect(report(second, 'again')).toMatchObject({ kept: 'value' });
      expect(first.body.data).toEqual({ again: null });
      expect(codes(first)).toEqual(['IDEMPOTENCY_CONCURRENT_REQUEST']);
      expect(first.body.errors?.[0]?.extensions).toMatchObject({ retryable: true });
    });
  });
});

describe('responses and the HTTP status (G19)', () => {
  it('are replayed with the status that they had; a refusal has its own', async () => {
    const payments = new Payments();
    const server = await startServer(payments.schema, { httpStatus: true });
    const first = await server.post(QUERY, { headers });
    const second = await server.post(QUERY, { headers });
    expect([first.status, second.status]).toEqual([200, 200]);
    const other = await server.post('mutation { pay { note } }', { headers });
    expect([codes(other), other.status]).toEqual([['IDEMPOTENCY_RESULT_UNAVAILABLE'], 409]);
    const declined = 'mutation { again { id declined } }';
    const [refused, repeated] = [
      await server.post(declined, { headers }),
      await server.post(declined, { headers }),
    ];
    expect(report(repeated, 'again')).toMatchObject({ status: 'replayed', kept: 'response' });
    expect(repeated.body.errors).toEqual(refused.body.errors);
    expect([refused.status, repeated.status]).toEqual([402, 402]);
    await server.stop();
  });
});

/**
 * Where nothing has instrumented the schema, Apollo's option is out of sight for plugins; graphql 16,
 * the only one that Apollo Server accepts, need not ask it about a replay.
 */
const SERVERS = CACHE_CONTROL.filter(
  ([name]) => versionInfo.major === 16 || name === 'with cache control',
);

describe.each(SERVERS)("responses and the server's own fieldResolver, %s (G2)", (_, apollo) => {
  it('run nothing below the root on a replay, and leave everything else to it', async () => {
    const seen: string[] = [];
    const fieldResolver: GraphQLFieldResolver<unknown, unknown> = (...args) => {
      seen.push(`${args[3].parentType.name}.${args[3].fieldName}`);
      const value: unknown = defaultFieldResolver(...args);
      return typeof value === 'string' ? value.toUpperCase() : value;
    };
    const make = (): Payment =>
      Object.assign(new Payment('p1'), { card: { last4: '4242', network: { name: 'visa' } } });
    const schema = sdl(TYPES, {
      Query: { payment: make },
      Mutation: { pay: make, unmarked: make },
    });
    const server = await startServer(schema, {}, { ...apollo, fieldResolver });
    const fields = '{ id receipt note card { last4 network { name } } }';
    const data = {
      id: 'P1',
      receipt: 'RECEIPT OF P1',
      note: 'NONE',
      card: { last4: '4242', network: { name: 'VISA' } },
    };
    const send = (query: string) => server.post(query, { headers });
    const first = await send(`mutation { pay ${fields} }`);
    expect(first.body.data).toEqual({ pay: data });
    const asked = seen.splice(0);
    expect(asked).toHaveLength(7);
    const second = await send(`mutation { pay ${fields} }`);
    expect(report(second)).toMatchObject({ status: 'replayed', kept: 'response' });
    expect(second.body.data).toEqual({ pay: data });
    expect(seen).toEqual([]);
    // The types are prepared for stubs by now: everything else goes on as before.
    expect((await send(`mutation { unmarked ${fields} }`)).body.data).toEqual({ unmarked: data });
    expect((await send(`{ payment ${fields} }`)).body.data).toEqual({ payment: data });
    expect(seen).toEqual([...asked, ...asked]);
    await server.stop();
  });
});

describe('responses and recover (G11)', () => {
  it('what it found is an instance, and a chain that fails after it leaves the outcome unknown', async () => {
    let fails = true;
    let found = 0;
    const schema = mapSchema(
      applyIdempotency(
        sdl(TYPES, {
          Mutation: {
            pay: () => {
              throw new Error('The provider is away.');
            },
            again: () => null,
          },
        }),
      ),
      {
        [MapperKind.MUTATION_ROOT_FIELD]: (config) => {
          const { resolve = defaultFieldResolver } = config;
          const resolver: typeof resolve = async (...args) => {
            const result: unknown = await resolve(...args);
            if (fails) throw new Error('could not serialize access');
            return result;
          };
          return { ...config, resolve: resolver };
        },
      },
    );
    const server = await startServer(schema, {
      recover: {
        'Mutation.pay': () => {
          found += 1;
          return { value: new Payment('found') };
        },
      },
    });
    expect(codes(await server.post(QUERY, { headers }))).toEqual(['INTERNAL_SERVER_ERROR']);
    // Recover has found the effect, but the commit around it failed: neither is the outcome.
    expect(codes(await server.post(QUERY, { headers }))).toEqual(['IDEMPOTENCY_OUTCOME_UNKNOWN']);
    expect(server.events.filter(({ type }) => type === 'recoverFailed')).toHaveLength(1);
    fails = false;
    const data = { pay: { id: 'found', receipt: 'receipt of found' } };
    const settled = await server.post(QUERY, { headers });
    expect(settled.body.data).toEqual(data);
    expect(report(settled)).toMatchObject({ status: 'replayed', kept: 'response' });
    expect((await server.post(QUERY, { headers })).body.data).toEqual(data);
    expect(found).toBe(2);
    await server.stop();
  });
});

describe('responses in Redis', () => {
  const redis = useRedis();

  const store = () => new RedisStore(redis.client, { service: SERVICE });

  /** Every value that Redis holds. */
  async function everything(): Promise<Buffer> {
    const found: Buffer[] = [];
    for (const key of await redis.client.keys(`${PREFIX}*`)) {
      found.push((await redis.client.getBuffer(key)) ?? Buffer.alloc(0));
    }
    return Buffer.concat(found);
  }

  it('are encrypted whole: what was answered, its errors and what was selected (G27)', async () => {
    const query = 'mutation { pay { id receipt declined } }';
    const plain = new Payments();
    const open = await startServer(plain.schema, { store: store() });
    await open.post(query, { headers });
    const shown = await everything();
    // What stands between the response's tag and its data is the digest of the selection.
    const digest = /[\w-]{43}(?=[^\w-]{1,4}\{"id":"p1")/.exec(shown.toString('latin1'))?.[0];
    expect(digest).toBeDefined();
    const secrets = [digest ?? '', 'receipt of p1', 'Declined.', 'DECLINED'];
    expect(secrets.map((secret) => shown.includes(secret))).toEqual(secrets.map(() => true));
    await redis.client.flushall();

    const cipher = aesGcmCipher({ keys: { one: Buffer.alloc(32, 7) }, current: 'one' });
    const sealed = await startServer(new Payments().schema, { store: store(), cipher });
    const first = await sealed.post(query, { headers });
    const hidden = await everything();
    expect(hidden.length).toBeGreaterThan(100);
    expect(secrets.map((secret) => hidden.includes(secret))).toEqual(secrets.map(() => false));
    const second = await sealed.post(query, { headers });
    expect(report(second)).toMatchObject({ status: 'replayed', kept: 'response' });
    expect(second.body.data).toEqual(first.body.data);
    expect(second.body.errors).toEqual(first.body.errors);
    await Promise.all([open.stop(), sealed.stop()]);
  });

  it.each(['pay', 'recovered'])(
    'are unknown, or what recover finds, when the process is killed before the operation has ended: %s (G11)',
    async (field) => {
      const args = [join(__dirname, 'response-worker.mjs'), String(redis.port), field];
      const killed = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
      reap(killed);
      const [line] = (await once(createInterface({ input: killed.stdout }), 'line')) as [string];
      expect(line).toBe('resolved');
      const exited = once(killed, 'exit');
      killed.kill('SIGKILL');
      await exited;

      const worker = spawn(process.execPath, [...args, 'retry'], {
        stdio: ['ignore', 'pipe', 'inherit'],
      });
      reap(worker);
      const lines: string[] = [];
      createInterface({ input: worker.stdout }).on('line', (text) => lines.push(text));
      await once(worker, 'close');
      const answers = lines.map((text): unknown => JSON.parse(text));
      expect(answers).toHaveLength(2);
      if (field === 'pay') {
        const unknown = {
          data: { pay: null },
          errors: [{ extensions: { code: 'IDEMPOTENCY_OUTCOME_UNKNOWN' } }],
        };
        expect(answers).toMatchObject([unknown, unknown]);
      } else {
        const data = { recovered: { id: 'found', receipt: 'receipt of found' } };
        const of = (status: string) => ({
          data,
          extensions: { idempotency: { recovered: { status, kept: 'response' } } },
        });
        expect(answers).toMatchObject([of('replayed'), of('replayed')]);
      }
    },
  );
});
