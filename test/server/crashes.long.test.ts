import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { createClient } from '../client/client.js';
import { CreatePaymentDocument } from '../client/generated/graphql.js';
import { createRandom, type Random } from '../faults/random.js';
import { freePort } from '../support/free-port.js';
import { startPostgres, type PostgresServer } from '../support/postgres-server.js';
import { startRedis, type RedisServer } from '../support/redis-server.js';
import { startServerProcess, type ServerProcess } from '../support/server-process.js';
import { booksOf } from '../browser/checkout-page.js';
import { ORDER } from './start.js';

/** How often a server is killed; Redis is emptied twice as often. `CRASHES=300` takes half an hour. */
const KILLS = Number(process.env['CRASHES'] || 4);
/** Every run prints its own. */
const SEED = process.env['CRASHES_SEED'] || String(Date.now() % 2 ** 30);
const CLIENTS = 4;
const AMOUNT = 10;
/** Nothing here depends on speed, so that the only limit is for a run that hangs. */
const HANGS_MS = 24 * 3_600_000;

/** What the clients saw. */
interface Seen {
  /** The answers that each key got. */
  readonly answers: Map<string, Set<string>>;
  requests: number;
  unanswered: number;
  refusals: number;
  readonly unknown: string[];
}

describe.each(['PostgreSQL', 'SQLite'] as const)('payments servers on %s', (where) => {
  let redis: RedisServer;
  let postgres: PostgresServer | undefined;
  let folder: string;
  const servers: ServerProcess[] = [];
  const ports: number[] = [];

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'crashes-'));
    redis = await startRedis();
    if (where === 'PostgreSQL') postgres = await startPostgres();
    for (const server of [0, 1]) {
      ports[server] = await freePort();
      servers[server] = await start(server);
    }
  });
  afterAll(async () => {
    await Promise.all(servers.map((server) => server.end('SIGKILL')));
    await Promise.all([redis.stop(), postgres?.stop()]);
    rmSync(folder, { recursive: true });
  });

  const start = (server: number): Promise<ServerProcess> =>
    startServerProcess({
      PORT: String(ports[server]),
      REDIS_URL: redis.url,
      DATABASE_URL: postgres?.url ?? '',
      DATABASE_FILE: join(folder, 'payments.db'),
      // Long enough to be killed or forgotten in the middle of.
      PROCESSOR_LATENCY_MS: '15',
      IDEMPOTENCY_LEASE_MS: '1500',
    });

  /** Sends a payment until there is an answer, as a client that does not give up. */
  async function answerOf(key: string, random: Random, seen: Seen): Promise<string> {
    for (;;) {
      const url = `http://localhost:${String(ports[random.integer(0, 1)])}/`;
      const input = { ...ORDER, amount: AMOUNT, reference: key };
      seen.requests += 1;
      try {
        const { data, errors } = await createClient(url, 'alice').send(CreatePaymentDocument, {
          ...{ input, key },
        });
        if (data != null) return JSON.stringify(data);
        const [{ extensions, message } = { extensions: {}, message: 'nothing' }] = errors;
        if (extensions.code === 'IDEMPOTENCY_OUTCOME_UNKNOWN') seen.unknown.push(key);
        else if (extensions.retryable !== true) throw new Refused(`${key}: ${message}`);
        seen.refusals += 1;
      } catch (error) {
        if (error instanceof Refused) throw error;
        seen.unanswered += 1;
      }
      await sleep(random.integer(5, 100));
    }
  }

  it(
    'make one payment and give one answer for each key, whatever is killed and forgotten (G30)',
    async () => {
      const random = createRandom(`${SEED}/${where}`);
      const seen: Seen = {
        ...{ answers: new Map(), requests: 0, unanswered: 0, refusals: 0, unknown: [] },
      };
      const state = { over: false };
      const note = async (key: string, source: Random): Promise<void> => {
        const known = seen.answers.get(key) ?? new Set();
        seen.answers.set(key, known.add(await answerOf(key, source, seen)));
      };

      /** Pays for one key after the other; now and then twice at once, or for an older one again. */
      async function pay(client: number): Promise<void> {
        const source = random.fork(`client ${String(client)}`);
        for (let payment = 0; !state.over; payment += 1) {
          const key = `c${String(client)}-${String(payment)}`;
          const copies = source.chance(0.3) ? 2 : 1;
          await Promise.all(
            Array.from({ length: copies }, (_, copy) => note(key, source.fork(`${key} ${copy}`))),
          );
          if (source.chance(0.3)) await note(source.pick([...seen.answers.keys()]), source);
        }
      }

      async function kill(): Promise<void> {
        const source = random.fork('kills');
        for (let kills = 0; kills < KILLS; kills += 1) {
          await sleep(source.integer(0, 400));
          const server = source.integer(0, 1);
          await servers[server]?.end('SIGKILL');
          servers[server] = await start(server);
        }
        state.over = true;
      }

      const flushed = { count: 0 };
      async function flush(): Promise<void> {
        const source = random.fork('flushes');
        while (flushed.count < 2 * KILLS || !state.over) {
          await sleep(source.integer(0, 400));
          await redis.call('FLUSHALL');
          flushed.count += 1;
        }
      }

      const clients = Array.from({ length: CLIENTS }, (_, client) => pay(client));
      await Promise.all([kill(), flush(), ...clients]);
      await redis.call('FLUSHALL');
      const again = random.fork('again');
      for (const key of seen.answers.keys()) await note(key, again);

      const keys = seen.answers.size;
      const differing = [...seen.answers].filter(([, answers]) => answers.size !== 1);
      const [books] = await Promise.all(servers.slice(0, 1).map(booksOf));
      const spent = 1_000_000 - (books?.balance ?? 0);
      process.stdout.write(
        `${JSON.stringify({
          ...{ where, seed: SEED, keys, kills: KILLS, flushes: flushed.count },
          ...{ requests: seen.requests, unanswered: seen.unanswered, refusals: seen.refusals },
          ...{ unknown: seen.unknown.length, differing: differing.length, effects: spent / AMOUNT },
        })}\n`,
      );
      expect({ differing, unknown: seen.unknown }).toEqual({ differing: [], unknown: [] });
      expect(spent).toBe(keys * AMOUNT);
      expect(keys).toBeGreaterThanOrEqual(CLIENTS);
    },
    HANGS_MS,
  );
});

/** An answer that no retry would change. */
class Refused extends Error {
  override readonly name = 'Refused';
}
