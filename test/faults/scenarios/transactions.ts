import { setTimeout as sleep } from 'node:timers/promises';
import { Pool } from 'pg';
import { IdempotencyError } from '../../../src/index.js';
import { outcomeTable } from '../../../src/stores/database/index.js';
import { send } from '../../database/requests.js';
import { startPostgres, type PostgresServer } from '../../support/postgres-server.js';
import type { RequestFault } from '../../support/request-fault.js';
import { startTcpProxy } from '../../support/tcp-proxy.js';
import { databaseOf } from '../broken-databases.js';
import type { Random } from '../random.js';
import type { Scenario, ScenarioOptions, ScenarioResult } from '../scenario.js';

/** How many keys are at work at once; with their copies far more than there are connections. */
const LANES = 6;
const CONNECTIONS = 3;
const COUNTERS = 4;
const TRIES_MAX = 200;
/** A doubt that goes on after so many answers is not about to end. */
const UNKNOWN_MAX = 5;
/** After so many keys the database server is killed. */
const KEYS_PER_KILL = 40;
/** The points of a transaction at which its connection is cut: before, or after it was executed. */
const POINTS = [
  'BEGIN',
  'WITH earlier',
  'INSERT INTO payments',
  'UPDATE graphql_idempotency',
  'COMMIT',
];
const CUTS: readonly RequestFault[] = ['cut', { cutReplyAfter: 0 }];
/** However slow the run is, no row expires before it ends. */
const TTL_MS = 24 * 3_600_000;
const OTHER_ARGUMENTS = 'g'.repeat(43);

/** What happened. */
interface Tally {
  requests: number;
  cuts: number;
  kills: number;
  /** Keys whose outcome is unknown in the end. */
  unknown: number;
  readonly answers: Map<string, Set<number>>;
  readonly failures: string[];
}

/**
 * `execution.transaction` while connections are cut in it and its server is killed. Every request comes
 * to a server whose store has just forgotten everything, so that nothing but the row is left; bodies
 * lock rows in any order, so that they also run into deadlocks.
 */
export const transactions: Scenario = {
  name: 'transactions',
  title:
    'connections cut in BEGIN, claim, body, outcome, COMMIT and their replies; PostgreSQL killed; every record forgotten',
  async run({ random, size, variant }: ScenarioOptions): Promise<ScenarioResult> {
    const server = await startPostgres();
    const proxy = await startTcpProxy(server.port);
    const place = { host: '127.0.0.1', port: proxy.port, user: 'test', database: 'postgres' };
    const pool = new Pool({ ...place, max: CONNECTIONS });
    const aside = new Pool({ ...place, max: 2 * LANES });
    for (const one of [pool, aside]) one.on('error', () => undefined);
    const database = databaseOf(pool, aside, variant);
    const tally: Tally = {
      ...{ requests: 0, cuts: 0, kills: 0, unknown: 0, answers: new Map(), failures: [] },
    };

    let killed = Promise.resolve();

    async function pay(key: string, source: Random, fingerprint?: string): Promise<number> {
      tally.requests += 1;
      const [one, two] = [source.integer(1, COUNTERS), source.integer(1, COUNTERS)];
      return send(
        ({ transaction }) =>
          transaction(database, async (tx) => {
            const raise = 'UPDATE counters SET count = count + 1 WHERE id = $1';
            await tx.query(raise, [one]);
            await tx.query(raise, [two]);
            const insert = 'INSERT INTO payments (key) VALUES ($1) RETURNING id';
            const { rows } = await tx.query<{ id: number }>(insert, [key]);
            return rows[0]?.id ?? 0;
          }),
        {
          overrides: {
            key,
            policy: { waitMs: 2_000, ttlMs: TTL_MS },
            ...(fingerprint && { fingerprint }),
          },
        },
      );
    }

    /** As a client that does not give up. */
    async function answer(key: string, source: Random): Promise<void> {
      let last: unknown;
      let unknown = 0;
      for (let tries = 0; tries < TRIES_MAX; tries += 1) {
        try {
          const answers = tally.answers.get(key) ?? new Set();
          tally.answers.set(key, answers.add(await pay(key, source)));
          return;
        } catch (error) {
          last = error;
          // Nobody will find out any more.
          if (codeIn(error) === 'IDEMPOTENCY_OUTCOME_UNKNOWN' && (unknown += 1) > UNKNOWN_MAX)
            break;
          await sleep(source.integer(5, 60));
        }
      }
      if (codeIn(last) === 'IDEMPOTENCY_OUTCOME_UNKNOWN') tally.unknown += 1;
      tally.failures.push(`${key}: no answer, ${String(last)}`);
    }

    async function lane(number: number): Promise<void> {
      const source = random.fork(`lane ${String(number)}`);
      for (let turn = number; turn < size; turn += LANES) {
        const key = `key-${String(turn)}`;
        if (source.chance(0.7)) {
          void proxy
            .strike({ request: source.pick(POINTS) }, source.pick(CUTS))
            .then(() => (tally.cuts += 1));
        }
        const copies = source.integer(1, 3);
        await Promise.all(
          Array.from({ length: copies }, (_, copy) =>
            answer(key, source.fork(`${key} ${String(copy)}`)),
          ),
        );
        if (turn % KEYS_PER_KILL === KEYS_PER_KILL - 1) {
          // One after the other: a server that is starting cannot be killed.
          killed = killed.then(async () => {
            tally.kills += 1;
            await server.kill();
            await server.restart();
          });
          await killed;
        }
      }
    }

    try {
      await prepare(server);
      await Promise.all(Array.from({ length: LANES }, (_, number) => lane(number)));
      const source = random.fork('again');
      for (const key of tally.answers.keys()) {
        await answer(key, source);
        const other = await pay(key, source, OTHER_ARGUMENTS).then(() => 'an answer', codeIn);
        if (other !== 'IDEMPOTENCY_KEY_PARAMETER_MISMATCH') {
          tally.failures.push(`${key}: other arguments got ${other}`);
        }
      }
      await compare(server, tally);
      return resultOf(tally);
    } finally {
      await proxy.close();
      await Promise.all([pool.end(), aside.end()]);
      await server.stop();
    }
  },
};

async function prepare(server: PostgresServer): Promise<void> {
  await server.query(outcomeTable('postgres'));
  await server.query('CREATE TABLE payments (id serial PRIMARY KEY, key text NOT NULL)');
  await server.query('CREATE TABLE counters (id int PRIMARY KEY, count int NOT NULL)');
  await server.query(
    `INSERT INTO counters SELECT number, 0 FROM generate_series(1, ${String(COUNTERS)}) AS number`,
  );
}

/** Holds the answers against what is in the database. */
async function compare(server: PostgresServer, { answers, failures }: Tally): Promise<void> {
  const rows = await server.query('SELECT key, id FROM payments');
  const made = new Map<string, number[]>();
  for (const { key, id } of rows) {
    made.set(String(key), [...(made.get(String(key)) ?? []), Number(id)]);
  }
  for (const [key, given] of answers) {
    const ids = made.get(key) ?? [];
    if (ids.length !== 1) failures.push(`${key}: ${String(ids.length)} effects`);
    if (given.size !== 1) failures.push(`${key}: ${String(given.size)} different answers`);
    if (![...given].every((id) => ids.includes(id))) failures.push(`${key}: an answer of nothing`);
  }
  const [sum] = await server.query('SELECT sum(count)::int AS raised FROM counters');
  if (Number(sum?.['raised']) !== 2 * rows.length) failures.push('half an effect was committed');
}

const FAILURES_SHOWN_MAX = 20;

function resultOf({ requests, cuts, kills, unknown, answers, failures }: Tally): ScenarioResult {
  return {
    figures: {
      'keyed requests': requests,
      records: answers.size,
      'cut connections': cuts,
      'database kills': kills,
      'forgotten records': requests,
      'outcome unknown': unknown,
      violations: failures.length,
    },
    failures: failures.slice(0, FAILURES_SHOWN_MAX),
  };
}

function codeIn(error: unknown): string {
  return IdempotencyError.is(error) ? error.code : String(error);
}
