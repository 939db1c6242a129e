import { Redis } from 'ioredis';
import { Redis as Redis5 } from 'ioredis-5';

import { RedisStore } from '../../src/stores/redis/index.js';
import { beginScript } from '../../src/stores/redis/scripts/begin-script.js';
import { completeScript } from '../../src/stores/redis/scripts/complete-script.js';
import { releaseScript, renewScript } from '../../src/stores/redis/scripts/lease-scripts.js';
import { peekScript } from '../../src/stores/redis/scripts/peek-script.js';
import { stepScript } from '../../src/stores/redis/scripts/step-script.js';
import { openApplication, QUICK, type Application } from '../support/application.js';
import { endClient, type ApplicationClient } from '../support/redis-clients.js';
import { codeOf, deferred, outcome } from '../support/executions.js';
import { SERVICE } from '../support/redis-keys.js';
import { startRedis, type RedisServer } from '../support/redis-server.js';
import type { RequestFault } from '../support/request-fault.js';
import { claimed, completed, completionOf, newBegin, rivalOf } from '../support/requests.js';
import { startTcpProxy, type TcpProxy } from '../support/tcp-proxy.js';
import { until } from '../support/until.js';

const SCRIPTS = [
  ...[beginScript, completeScript, stepScript],
  ...[renewScript, releaseScript, peekScript],
];

const CLIENTS: [string, (port: number) => ApplicationClient][] = [
  ['ioredis 6', (port) => new Redis(port, '127.0.0.1', QUICK)],
  ['ioredis 5', (port) => new Redis5(port, '127.0.0.1', QUICK)],
  [
    'auto-pipelining',
    (port) => new Redis(port, '127.0.0.1', { ...QUICK, enableAutoPipelining: true }),
  ],
];

const VERSIONS: [
  string,
  (port: number, options: { db?: number; socketTimeout?: number }) => Redis | Redis5,
][] = [
  ['ioredis 6', (port, options) => new Redis(port, '127.0.0.1', { ...QUICK, ...options })],
  ['ioredis 5', (port, options) => new Redis5(port, '127.0.0.1', { ...QUICK, ...options })],
];

const CUTS: [string, RequestFault][] = [
  ['before Redis has the request', 'cut'],
  ['before the reply', { cutReplyAfter: 0 }],
  ['in the middle of the reply', { cutReplyAfter: 3 }],
];

describe('a connection to Redis', () => {
  let server: RedisServer;
  let proxy: TcpProxy;
  /** Somebody with an undisturbed connection. */
  let witness: Application;

  beforeAll(async () => {
    server = await startRedis();
  });
  afterAll(() => server.stop());
  beforeEach(async () => {
    proxy = await startTcpProxy(server.port);
    witness = openApplication(server.port);
    await server.call('FLUSHALL');
    // All scripts are known to Redis: a request is then one EVALSHA with the script's digest.
    for (const script of SCRIPTS) await server.call('SCRIPT', 'LOAD', script.lua);
  });
  afterEach(async () => {
    await witness.close();
    await proxy.close();
  });

  describe.each(CLIENTS)('of %s', (_, connect) => {
    let client: ApplicationClient;
    let store: RedisStore;
    beforeEach(async () => {
      client = connect(proxy.port);
      client.on('error', () => undefined);
      store = new RedisStore(client, { service: SERVICE });
      await store.ping();
    });
    afterEach(async () => {
      await store.close();
      endClient(client);
    });

    describe.each(CUTS)('that is cut %s', (__, cut) => {
      it('leaves one claim, which its owner is told of', async () => {
        const struck = proxy.strike({ request: beginScript.sha }, cut);
        const begin = newBegin();
        const claim = await claimed(store, begin);
        await struck;
        expect(claim).toMatchObject({ attempt: 1, previous: 'none' });
        expect(await claimed(witness.store, begin)).toEqual(claim);
      });

      it('leaves one outcome, stored once', async () => {
        const begin = newBegin();
        const end = completionOf(begin, await claimed(witness.store, begin));
        const struck = proxy.strike({ request: completeScript.sha }, cut);
        const reply = await store.complete(end);
        await struck;
        expect(reply).toMatchObject({ kind: 'stored', recreated: false });
        const found = await witness.store.begin(rivalOf(begin));
        expect(found.kind === 'completed' && found.outcome).toMatchObject({
          payload: end.payload,
          expiresAtMs: reply.kind === 'stored' && reply.expiresAtMs,
        });
      });

      it('leaves one step, which the next attempt is told of', async () => {
        const begin = newBegin();
        await claimed(witness.store, begin);
        const { recordId, owner, leaseMs, timeoutMs } = begin;
        const payload = Buffer.from('charged');
        const step = { recordId, owner, name: 'charge', leaseMs, timeoutMs };
        for (const [state, bytes] of [
          ['started', Buffer.alloc(0)],
          ['value', payload],
        ] as const) {
          const struck = proxy.strike({ request: stepScript.sha }, cut);
          expect(await store.step({ ...step, state, payload: bytes })).toBe('recorded');
          await struck;
        }
        await witness.store.release({ ...begin, mode: 'keep' });
        const { steps } = await claimed(witness.store, rivalOf(begin));
        expect([...steps]).toEqual([['charge', { state: 'value', payload }]]);
      });

      it('leaves one renewal', async () => {
        const begin = newBegin({ leaseMs: 10_000 });
        await claimed(witness.store, begin);
        const struck = proxy.strike({ request: renewScript.sha }, cut);
        expect(await store.renew({ ...begin, leaseMs: 30_000 })).toBe('renewed');
        await struck;
        const found = await witness.store.peek(begin);
        expect(found.kind === 'running' && found.leaseRemainingMs).toBeGreaterThan(20_000);
      });

      it('gives a claim up once', async () => {
        for (const mode of ['erase', 'keep', 'withdraw'] as const) {
          const begin = newBegin();
          await claimed(witness.store, begin);
          const struck = proxy.strike({ request: releaseScript.sha }, cut);
          await store.release({ ...begin, mode });
          await struck;
          expect(await witness.store.peek(begin)).toEqual({ kind: 'vacant' });
          const next = await claimed(witness.store, rivalOf(begin));
          expect(next.attempt).toBe(mode === 'keep' ? 2 : 1);
          // Sent again after somebody else claimed, it must not take that claim away.
          await store.release({ ...begin, mode });
          expect((await witness.store.peek(begin)).kind).toBe('running');
        }
      });

      it('still tells what is in a record', async () => {
        const begin = newBegin();
        await completed(witness.store, begin);
        const struck = proxy.strike({ request: peekScript.sha }, cut);
        expect((await store.peek(begin)).kind).toBe('completed');
        await struck;
      });

      it('does no harm when Redis has just forgotten its scripts', async () => {
        await server.call('SCRIPT', 'FLUSH');
        const struck = proxy.strike({ request: /\r\neval\r\n/ }, cut);
        const begin = newBegin();
        const claim = await claimed(store, begin);
        await struck;
        expect(await claimed(witness.store, begin)).toEqual(claim);
      });
    });
  });

  // A silent connection is noticed by nobody: ioredis itself would give up after more than a minute.
  describe('that falls silent', () => {
    let app: Application;
    beforeEach(async () => {
      app = openApplication(proxy.port);
      await app.store.ping();
    });
    afterEach(() => app.close());

    const HEALINGS: [string, () => void][] = [
      [
        'goes on',
        () => {
          proxy.pass();
        },
      ],
      [
        'is cut and opened again',
        () => {
          proxy.cut();
          proxy.pass();
        },
      ],
    ];
    const DIRECTIONS = [
      ['in front of Redis', { requestMs: Infinity }],
      ['behind Redis', { replyMs: Infinity }],
    ] as const;
    const CASES = DIRECTIONS.flatMap(([place, delays]) =>
      HEALINGS.map(([healing, heal]) => ({ place, delays, healing, heal })),
    );

    it.each(CASES)('$place at a claim, and then $healing: nothing is run or left', async (one) => {
      proxy.delay(one.delays);
      const commands = await server.commandsDuring(async () => {
        expect(await codeOf(app.timeOut(app.execute()))).toBe('IDEMPOTENCY_STORE_UNAVAILABLE');
        one.heal();
        // It comes after everything that was held on the same connection.
        await app.store.ping();
      });
      // The claim and its withdrawal came to Redis after all.
      expect(commands.get('evalsha')).toBeGreaterThanOrEqual(2);
      await until(async () => (await server.call('DBSIZE')) === 0);
      expect(app.runs).toBe(0);
      expect(await witness.execute()).toMatchObject({ kind: 'executed', outcome: { attempt: 1 } });
    });

    it.each(CASES)('$place at an outcome, and then $healing: it is stored', async (one) => {
      const silent = deferred<undefined>();
      const answered = app.execute({
        run() {
          proxy.delay(one.delays);
          silent.resolve(undefined);
          return Promise.resolve(outcome('done'));
        },
      });
      await silent.promise;
      const answer = await app.timeOut(answered);
      expect(answer).toMatchObject({ kind: 'executed', answer: 'done', stored: false });
      expect(app.events.filter(({ type }) => type === 'notStored')).toMatchObject([
        { final: false },
      ]);
      one.heal();
      expect(await witness.answer()).toBe('done');
      expect(witness.runs).toBe(0);
    });

    it.each(VERSIONS)('for good is given up after the socketTimeout of %s', async (_, connect) => {
      const client = connect(proxy.port, { socketTimeout: 300 });
      const hasty = openApplication(client);
      await hasty.store.ping();
      const struck = proxy.strike({ request: beginScript.sha }, 'loseRequest');
      const first = hasty.execute();
      await struck;
      expect(await codeOf(hasty.timeOut(first))).toBe('IDEMPOTENCY_STORE_UNAVAILABLE');
      const second = hasty.execute();
      expect(await codeOf(hasty.timeOut(second))).toBe('IDEMPOTENCY_STORE_UNAVAILABLE');
      await new Promise((resolve) => client.once('ready', resolve));
      expect(await hasty.answer()).toBe('done');
      await hasty.close();
    });

    it('at a claim, and is cut at its withdrawal: nothing is run or left', async () => {
      const claimLost = proxy.strike({ request: beginScript.sha }, 'loseReply');
      const cut = proxy.strike({ request: releaseScript.sha }, 'cut');
      const refused = codeOf(app.execute());
      await claimLost;
      expect(await app.timeOut(refused)).toBe('IDEMPOTENCY_STORE_UNAVAILABLE');
      await cut;
      await app.store.ping();
      expect(await server.call('DBSIZE')).toBe(0);
      expect(app.runs).toBe(0);
    });
  });

  // ioredis sends what waits for a connection, and what `duplicate()` made sends, to the database of
  // its option: a claim that lands beside its record would run a second time.
  describe('that goes to another database', () => {
    it.each(VERSIONS)(
      'is refused where select() of %s moved it, and says so',
      async (_, connect) => {
        for (const replicas of ['all', undefined] as const) {
          const client = connect(server.port, {});
          const moved = openApplication(
            client,
            replicas === undefined ? {} : { store: { replicas } },
          );
          await client.select(3);
          const problem = expect.stringMatching(
            /from database 0 to 3 by select\(\).*\{ db: 3 \}/,
          ) as string;
          expect(await moved.store.check(1_000)).toEqual({ problems: [problem], refuses: true });
          const answers = await Promise.all(
            ['k1', 'k2'].map((key) => codeOf(moved.execute({ key }))),
          );
          expect(answers).toEqual(Array(2).fill('IDEMPOTENCY_STORE_UNAVAILABLE'));
          const cause = moved.events.find(({ type }) => type === 'storeFailure');
          expect(cause).toMatchObject({ error: { message: problem } });
          await client.select(0);
          if (replicas === undefined) expect(await moved.answer()).toBe('done');
          expect(await server.call('DBSIZE')).toBe(replicas === undefined ? 1 : 0);
          expect(moved.runs).toBe(replicas === undefined ? 1 : 0);
          await moved.close();
        }
      },
    );

    it('keeps its records there if its option says so', async () => {
      const [there, here] = VERSIONS.map(([, connect]) =>
        openApplication(connect(server.port, { db: 3 })),
      ) as [Application, Application];
      expect(await there.answer()).toBe('done');
      expect(await here.execute()).toMatchObject({ kind: 'replayed' });
      expect(await server.call('DBSIZE')).toBe(0);
      await Promise.all([there.close(), here.close()]);
    });
  });
});
