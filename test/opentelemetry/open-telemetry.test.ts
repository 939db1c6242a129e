import { randomBytes } from 'node:crypto';
import { GraphQLError } from 'graphql';
import { aesGcmCipher, MemoryStore, type IdempotencyOptions } from '../../src/index.js';
import { recordIdOf } from '../../src/core/record/key.js';
import { RedisStore } from '../../src/stores/redis/index.js';
import { codes, sdl, startServer, type TestContext, type TestServer } from '../graphql/apollo.js';
import { PREFIX, SERVICE } from '../support/redis-keys.js';
import { useRedis } from '../support/use-redis.js';
import { disableContext, enableContext, observed, type Observed } from './telemetry.js';

const REQUESTS = 'graphql.idempotency.requests';
const headers = (key = 'k1'): { headers: Record<string, string> } => ({
  headers: { 'Idempotency-Key': key },
});

describe('openTelemetry', () => {
  const redis = useRedis();
  let app: Observed;
  let hold: Promise<void>;
  const servers: TestServer[] = [];

  beforeAll(() => {
    enableContext();
  });
  beforeEach(() => {
    app = observed();
    hold = Promise.resolve();
  });
  afterEach(async () => {
    for (const server of servers.splice(0)) await server.stop();
  });
  afterAll(() => {
    disableContext();
  });

  const schema = sdl(
    `type Query { ok: Int }
     type Mutation {
       pay(how: String): String @idempotent
       also: String @idempotent
       optional: String @idempotent(required: false)
       sealed: String @idempotent(onError: SEAL)
     }`,
    {
      Mutation: {
        async pay(_: unknown, { how }: { how?: string }) {
          app.tracer.startSpan('bank').end();
          await hold;
          if (how === 'fail') throw new Error('secret of alice');
          if (how === 'decline') throw new GraphQLError('', { extensions: { code: 'FORBIDDEN' } });
          return 'result-for-alice';
        },
        also: () => 'x',
        optional: () => 'x',
        sealed: () => {
          throw new Error('boom');
        },
      },
    },
  );

  async function start(
    options: Partial<IdempotencyOptions<TestContext>> = {},
  ): Promise<TestServer> {
    const store = new RedisStore(redis.client, { service: SERVICE });
    const server = await startServer(schema, { store, telemetry: app.telemetry, ...options });
    servers.push(server);
    return server;
  }

  const spansOf = (name: string): ReturnType<Observed['spans']> =>
    app.spans().filter((span) => span.name === name);

  it('counts requests by mutation and by how they ended', async () => {
    const server = await start();
    await server.post('mutation { pay }', headers());
    await server.post('mutation { pay }', headers());
    await server.post('mutation { pay(how: "other") }', headers());
    await server.post('mutation { pay(how: "fail") }', headers('k2'));
    await server.post('mutation { pay(how: "decline") }', headers('k3'));
    await server.post('mutation { pay }');
    await server.post('mutation { optional }');
    await server.post('mutation { sealed }', headers());
    expect(Object.fromEntries(await app.points(REQUESTS))).toEqual({
      'Mutation.pay executed': 1,
      'Mutation.pay replayed': 1,
      'Mutation.pay rejected IDEMPOTENCY_KEY_PARAMETER_MISMATCH': 1,
      'Mutation.pay released': 1,
      'Mutation.pay declined': 1,
      'Mutation.pay rejected IDEMPOTENCY_KEY_REQUIRED': 1,
      'Mutation.optional unprotected': 1,
      'Mutation.sealed sealed': 1,
    });
    expect(Object.fromEntries(await app.points('graphql.idempotency.incidents'))).toEqual({
      'Mutation.pay mismatch': 1,
      'Mutation.pay missing_key': 1,
      'Mutation.optional missing_key': 1,
      store_setting: 1,
    });
    const durations = await app.points('graphql.idempotency.duration');
    expect(durations.get('Mutation.pay executed')).toBe(1);
    expect((await app.points('graphql.idempotency.claim.duration')).get('Mutation.pay')).toBe(3);
  });

  it('counts a recovery that failed', async () => {
    const recover = { 'Mutation.pay': () => Promise.reject(new Error('no bank')) };
    const server = await start({ recover });
    await server.post('mutation { pay(how: "fail") }', headers());
    await server.post('mutation { pay(how: "fail") }', headers());
    const incidents = await app.points('graphql.idempotency.incidents');
    expect(incidents.get('Mutation.pay recover_failed')).toBe(1);
  });

  it('has as many series for a thousand keys as for one', async () => {
    const server = await start({ store: new MemoryStore() });
    await server.post('mutation { pay }', headers());
    const before = await app.series();
    for (let n = 0; n < 1_000; n += 1)
      await server.post('mutation { pay }', headers(`n${String(n)}`));
    expect(await app.series()).toBe(before);
  });

  it('gives each field a span of its own, with the spans of its resolver inside', async () => {
    const server = await start();
    await server.post('mutation { pay also }', headers());
    const [pay] = spansOf('idempotency Mutation.pay');
    const [also] = spansOf('idempotency Mutation.also');
    expect(pay?.attributes).toEqual({
      'idempotency.operation': 'Mutation.pay',
      'idempotency.result': 'executed',
      'idempotency.record': recordIdOf('alice', 'Mutation.pay', 'k1'),
      'idempotency.attempt': 1,
    });
    expect(also?.attributes['idempotency.operation']).toBe('Mutation.also');
    const [bank] = spansOf('bank');
    expect(bank?.parentSpanContext?.spanId).toBe(pay?.spanContext().spanId);
    expect(bank?.spanContext().traceId).toBe(pay?.spanContext().traceId);
  });

  it('links a replay to the span that executed, also when that was another server', async () => {
    const [first, second] = [await start(), await start()];
    await first.post('mutation { pay }', headers());
    await second.post('mutation { pay }', headers());
    const [executed, replayed] = spansOf('idempotency Mutation.pay');
    expect(replayed?.attributes['idempotency.result']).toBe('replayed');
    expect(replayed?.spanContext().traceId).not.toBe(executed?.spanContext().traceId);
    expect(replayed?.links.map((link) => link.context)).toMatchObject([
      { traceId: executed?.spanContext().traceId, spanId: executed?.spanContext().spanId },
    ]);
  });

  it('links a duplicate that waited, and records that are encrypted', async () => {
    const cipher = aesGcmCipher({ keys: { one: randomBytes(32) }, current: 'one' });
    const [one, two] = [await start({ cipher }), await start({ cipher })];
    let release: () => void = () => undefined;
    hold = new Promise((resolve) => {
      release = resolve;
    });
    const first = one.post('mutation { pay }', headers());
    const waiting = [one, two].map((server) => server.post('mutation { pay }', headers()));
    setTimeout(release, 50);
    await Promise.all([first, ...waiting]);
    const spans = spansOf('idempotency Mutation.pay');
    const executed = spans.find((span) => span.attributes['idempotency.result'] === 'executed');
    const others = spans.filter((span) => span !== executed);
    expect(others.map((span) => span.links[0]?.context.spanId)).toEqual(
      others.map(() => executed?.spanContext().spanId),
    );
    expect(others).toHaveLength(2);
    expect((await app.points('graphql.idempotency.wait.duration')).get('Mutation.pay true')).toBe(
      2,
    );
  });

  it('keeps no trace that is not sampled, and replays with and without it', async () => {
    const stranger = observed({ sampled: false });
    const [silent, unsampled, traced] = [
      await start({ telemetry: undefined }),
      await start({ telemetry: stranger.telemetry }),
      await start(),
    ];
    const answer = { pay: 'result-for-alice' };
    const writers = { a: silent, b: unsampled, c: traced };
    for (const [key, server] of Object.entries(writers)) {
      await server.post('mutation { pay }', headers(key));
    }
    const lengths = await Promise.all(
      Object.keys(writers).map((key) =>
        redis.client.strlen(`${PREFIX}${recordIdOf('alice', 'Mutation.pay', key)}`),
      ),
    );
    expect(lengths.map((length) => length - (lengths[0] ?? 0))).toEqual([0, 0, 26]);
    for (const key of Object.keys(writers)) {
      for (const server of Object.values(writers)) {
        expect((await server.post('mutation { pay }', headers(key))).body.data).toEqual(answer);
      }
    }
  });

  it('replays a record whose note of the trace is damaged, and does not link it anywhere', async () => {
    const server = await start();
    await server.post('mutation { pay }', headers());
    const key = `${PREFIX}${recordIdOf('alice', 'Mutation.pay', 'k1')}`;
    await redis.client.setrange(key, 41, '\0'.repeat(24));
    const replay = await server.post('mutation { pay }', headers());
    expect(replay.body.data).toEqual({ pay: 'result-for-alice' });
    expect(spansOf('idempotency Mutation.pay').at(-1)?.links).toEqual([]);
    await redis.client.setrange(key, 40, 'x');
    expect(codes(await server.post('mutation { pay }', headers()))).toEqual([
      'IDEMPOTENCY_RESULT_UNAVAILABLE',
    ]);
  });

  it('says that a resolver failed, and nothing of what it said', async () => {
    const server = await start();
    await server.post('mutation { pay(how: "fail") }', headers());
    await server.post('mutation { pay }');
    const [failed, refused] = spansOf('idempotency Mutation.pay');
    expect(failed?.status).toEqual({ code: 2, message: 'Error' });
    expect(refused?.attributes).toMatchObject({
      'idempotency.result': 'rejected',
      'idempotency.code': 'IDEMPOTENCY_KEY_REQUIRED',
    });
    const told = JSON.stringify(app.spans().map(({ attributes, status }) => [attributes, status]));
    for (const secret of ['secret of alice', 'result-for-alice', 'k1"', '"alice"']) {
      expect(told).not.toContain(secret);
    }
  });

  it.each(['before', 'after', 'late'])(
    'changes nothing when telemetry throws %s the run',
    async (when) => {
      const broken = (): never => {
        throw new Error('telemetry');
      };
      const server = await start({
        telemetry: {
          onEvent: broken,
          startField(_operation, run) {
            if (when === 'before') throw new Error('telemetry');
            const running = run({
              get context(): never {
                return broken();
              },
              link: broken,
              tell: broken,
              end: broken,
            });
            if (when === 'after') throw new Error('telemetry');
            return running;
          },
        },
      });
      const answer = { pay: 'result-for-alice' };
      expect((await server.post('mutation { pay }', headers())).body.data).toEqual(answer);
      expect((await server.post('mutation { pay }', headers())).body.data).toEqual(answer);
    },
  );

  it('counts each request once, whatever mix there is', async () => {
    const server = await start();
    let sent = 0;
    for (let n = 0; n < 300; n += 1) {
      const how = ['', '(how: "fail")', '(how: "decline")', '(how: "x")'][(n * 7) % 4] ?? '';
      const key = n % 5 === 0 ? {} : headers(`k${String((n * 13) % 17)}`);
      await server.post(`mutation { pay${how} }`, key);
      sent += 1;
    }
    const counted = [...(await app.points(REQUESTS)).values()].reduce(
      (sum, count) => sum + count,
      0,
    );
    expect(counted).toBe(sent);
  });
});
