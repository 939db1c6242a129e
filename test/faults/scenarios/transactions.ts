import { setTimeout as sleep } from 'node:timers/promises';
import { outcomeTable } from '../../../src/stores/database/index.js';
import { startPostgres, type PostgresServer } from '../../support/postgres-server.js';
import { startRedis } from '../../support/redis-server.js';
import type { RequestFault } from '../../support/request-fault.js';
import { startTcpProxy } from '../../support/tcp-proxy.js';
import { until } from '../../support/until.js';
import type { CheckRules } from '../checker.js';
import { POINTS, TRANSACTION_POINTS, type Fault } from '../fault.js';
import type { LedgerLine } from '../history.js';
import { TRANSACTION_OPERATIONS } from '../record.js';
import { resultOf, withFailures, type Scenario } from '../scenario.js';
import type { Testbed } from '../testbed.js';
import { underLoad } from '../under-load.js';
import { COUNTERS } from '../worker/transactions.js';

const WORKERS = 6;
/** Statements around which connections to the database are cut: before, or after the execution. */
const STATEMENTS = [
  'BEGIN',
  'INSERT INTO graphql_idempotency (',
  'INSERT INTO payments',
  'WITH kept',
  'COMMIT',
];
const CUTS: readonly RequestFault[] = ['cut', { cutReplyAfter: 0 }];
/** Nothing is ever unknown, and no acknowledged answer is lost, although Redis forgets everything. */
const RULES: CheckRules = {
  ...{ unknown: false, reruns: true, notStored: true },
  ...{ forgets: false, emptied: true },
};
/** A transaction of a process that stands still ends after this time, as the documentation advises. */
const IDLE_MS_MAX = 3_000;
/** Deadlocks are found after this time. With PostgreSQL's second, little else would happen. */
const DEADLOCK_MS = 100;
/** There is no limit that is about speed: only a run that hangs takes as long. */
const PATIENCE_MS = 24 * 3_600_000;

/** The faults that are wanted, and those that there were. */
interface Faults {
  readonly kills: number;
  readonly pauses: number;
  readonly flushes: number;
  readonly cuts: number;
  readonly databaseKills: number;
}

/**
 * `execution.transaction` while everything around it fails. As many workers are killed, and Redis
 * forgets everything as often, as `size` says; twice as many connections to the database are cut, a
 * fifth as many workers pause, and the database is killed a tenth as often.
 */
export const transactions: Scenario = {
  name: 'transactions',
  title:
    'transactions: workers killed and paused in them, their connections cut, PostgreSQL killed, FLUSHALL',
  async run(options) {
    const { size } = options;
    const wanted: Faults = {
      kills: size,
      pauses: Math.ceil(size / 5),
      flushes: size,
      cuts: 2 * size,
      databaseKills: Math.ceil(size / 10),
    };
    const redis = await startRedis();
    const postgres = await startPostgres({
      idle_in_transaction_session_timeout: IDLE_MS_MAX,
      deadlock_timeout: DEADLOCK_MS,
    });
    const proxy = await startTcpProxy(postgres.port);
    const random = options.random.fork('faults');
    const done = { flushes: 0, cuts: 0, databaseKills: 0 };
    const cutAt = new Set<string>();

    function nextFault({ pool: { counts }, load }: Testbed): Fault | undefined {
      const kills = Math.max(0, wanted.kills - counts.kills);
      const left = kills + Math.max(0, wanted.pauses - counts.pauses);
      const requestsLeft = Math.max(1, options.requests - load.history.length);
      const probability = Math.max(0.02, Math.min(0.5, (3 * left) / requestsLeft));
      if (left === 0 || !random.chance(probability)) return undefined;
      const action = random.integer(1, left) > kills ? 'stop' : 'kill';
      // Most of them hit the transaction.
      return { action, point: random.pick(random.chance(0.8) ? TRANSACTION_POINTS : POINTS) };
    }

    /** Does something until it was done often enough, with pauses that spread it over the run. */
    async function often(
      what: 'flushes' | 'databaseKills',
      act: () => Promise<unknown>,
    ): Promise<void> {
      for (; done[what] < wanted[what]; done[what] += 1) await act();
    }

    /** A reply that never comes, because its server or its client was killed, cannot be cut. */
    async function cutConnections(): Promise<void> {
      while (done.cuts < wanted.cuts) {
        const request = random.pick(STATEMENTS);
        void proxy.strike({ request }, random.pick(CUTS)).then(() => {
          done.cuts += 1;
          cutAt.add(request);
        });
        await sleep(random.integer(20, 200));
      }
    }

    async function disturb({ pool: { counts } }: Testbed): Promise<void> {
      await Promise.all([
        often('flushes', async () => {
          await sleep(random.integer(20, 300));
          await redis.call('FLUSHALL');
        }),
        cutConnections(),
        often('databaseKills', async () => {
          await sleep(random.integer(500, 2_000));
          await postgres.kill();
          await postgres.restart();
        }),
        until(() => counts.kills >= wanted.kills && counts.pauses >= wanted.pauses, PATIENCE_MS),
      ]);
    }

    try {
      await prepare(postgres);
      const result = await underLoad(options, {
        name: 'transactions',
        redis: { kind: 'standalone', port: redis.port },
        rules: RULES,
        workers: WORKERS,
        operations: TRANSACTION_OPERATIONS,
        configOf: () => ({ databasePort: proxy.port }),
        fault: (_, testbed) => nextFault(testbed),
        injected: ({ pool }) => pool.counts.kills,
        disturb,
        ledger: () => ledgerOf(postgres),
        async afterwards({ load, pool, client }) {
          // From now on nothing but the rows knows the answers.
          await redis.call('FLUSHALL');
          await load.settle(pool, client);
          await redis.call('FLUSHALL');
          await load.misuse(pool, client);
        },
      });
      const counted = resultOf(result, {
        kills: result.counts.kills,
        pauses: result.counts.pauses,
        'cut connections': done.cuts,
        'database kills': done.databaseKills,
        'flushes of Redis': done.flushes,
        'claims missed by their owners': result.counts.claimsLost,
      });
      return withFailures(counted, [
        ...(await halfEffects(postgres)),
        ...neverCut(done.cuts, cutAt),
      ]);
    } finally {
      await proxy.close();
      await Promise.all([postgres.stop(), redis.stop()]);
    }
  },
};

async function prepare(postgres: PostgresServer): Promise<void> {
  await postgres.query(outcomeTable('postgres'));
  await postgres.query(
    'CREATE TABLE payments (id serial PRIMARY KEY, scope text, operation text, key text, echo text, ' +
      'attempt int, fence bigint, worker int)',
  );
  await postgres.query('CREATE TABLE counters (id int PRIMARY KEY, count int NOT NULL)');
  await postgres.query(
    `INSERT INTO counters SELECT number, 0 FROM generate_series(1, ${String(COUNTERS)}) AS number`,
  );
}

/** The payments in the database, as effects. */
async function ledgerOf(postgres: PostgresServer): Promise<readonly LedgerLine[]> {
  const rows = await postgres.query('SELECT * FROM payments ORDER BY id');
  return rows.map(({ id, scope, key, echo, attempt, fence, worker }) => ({
    kind: 'effect',
    applied: true,
    step: '',
    scope: String(scope),
    operation: 'booked',
    key: String(key),
    echo: String(echo),
    chargeId: `payment-${String(id)}`,
    attempt: Number(attempt),
    fence: Number(fence),
    worker: Number(worker),
  }));
}

/** After so many cuts, one that is missing is a statement that the library does not send any more. */
const CUTS_THAT_HIT_ALL = 12 * STATEMENTS.length;

function neverCut(cuts: number, cutAt: ReadonlySet<string>): readonly string[] {
  if (cuts < CUTS_THAT_HIT_ALL) return [];
  return STATEMENTS.filter((statement) => !cutAt.has(statement)).map(
    (statement) => `no connection was cut at ${statement}`,
  );
}

/** Each payment has raised counters twice, in the same transaction. */
async function halfEffects(postgres: PostgresServer): Promise<readonly string[]> {
  const [row] = await postgres.query(
    'SELECT (SELECT sum(count)::int FROM counters) AS raised, (SELECT count(*)::int FROM payments) AS made',
  );
  const [raised, made] = [Number(row?.['raised']), Number(row?.['made'])];
  if (raised === 2 * made) return [];
  return [`half an effect was committed: ${String(raised)} for ${String(made)} payments`];
}
