import { setImmediate } from 'node:timers/promises';
import { Pool, type PoolClient } from 'pg';
import type { IdempotentDatabase } from '../../../src/stores/database/index.js';
import { databaseOf, isClaim } from '../broken-databases.js';
import type { Receipt } from '../history.js';
import type { WorkerConfig } from './config.js';
import { instructions, reach } from './instructions.js';
import { executionIn, lineOf, type Resolver } from './schema.js';

/** Fewer than requests are in flight: they wait for each other's connections. */
const CONNECTIONS = 3;
/** Rows that transactions lock in any order, so that some of them run into deadlocks. */
export const COUNTERS = 50;

/** The database of a worker, with faults around its transactions. */
export interface WorkerDatabase {
  readonly database: IdempotentDatabase<PoolClient>;
  close(): Promise<void>;
}

/** Connects to the database on a port. */
export function connectDatabase(
  port: number,
  { variant }: WorkerConfig,
  blockMs: number,
): WorkerDatabase {
  const place = { host: '127.0.0.1', port, user: 'test', database: 'postgres' };
  const pool = new Pool({ ...place, max: CONNECTIONS });
  // For what a seeded bug does outside of its transaction.
  const aside = new Pool({ ...place, max: 2 * CONNECTIONS });
  for (const one of [pool, aside]) one.on('error', () => undefined);
  pool.on('connect', (client) => {
    faultyCommit(client, blockMs);
  });
  return {
    database: faultyDatabase(databaseOf(pool, aside, variant), blockMs),
    async close() {
      await Promise.all([pool.end(), aside.end()]);
    },
  };
}

/** The mutation whose effects are rows: it raises two counters and inserts a payment. */
export function bookedResolver(
  database: IdempotentDatabase<PoolClient> | undefined,
  blockMs: number,
): Resolver {
  return async (_, args, context, info) => {
    if (database === undefined) throw new Error('The worker has no database.');
    const execution = executionIn(info);
    const { scope, operation, key, echo, attempt, fence, worker } = lineOf(
      'booked',
      args,
      context,
      execution,
    );
    return execution.transaction(database, async (tx) => {
      const raise = 'UPDATE counters SET count = count + 1 WHERE id = $1';
      await tx.query(raise, [(args.amount % COUNTERS) + 1]);
      await tx.query(raise, [(Math.floor(args.amount / COUNTERS) % COUNTERS) + 1]);
      const { rows } = await tx.query<{ id: number }>(
        'INSERT INTO payments (scope, operation, key, echo, attempt, fence, worker) ' +
          'VALUES ($1, $2, $3, $4, $5, $6, $7) RETURNING id',
        [scope, operation, key, echo, attempt, fence, worker],
      );
      await reach('in-body', blockMs);
      return { charge: `payment-${String(rows[0]?.id)}`, echo, attempt } satisfies Receipt;
    });
  };
}

function faultyDatabase(
  inner: IdempotentDatabase<PoolClient>,
  blockMs: number,
): IdempotentDatabase<PoolClient> {
  return {
    ...inner,
    async run(body, options) {
      await reach('before-transaction', blockMs);
      const result = await inner.run(async (open) => {
        const ended = await body({
          // With what sends the outcome together with COMMIT.
          ...open,
          async query(sql, parameters) {
            const rows = await open.query(sql, parameters);
            if (isClaim(sql)) await reach('row-claimed', blockMs);
            return rows;
          },
        });
        await reach('before-commit', blockMs);
        return ended;
      }, options);
      await reach('transaction-committed', blockMs);
      return result;
    },
  };
}

/** Faults of a COMMIT that has been sent, whose reply has not been read. */
function faultyCommit(client: PoolClient, blockMs: number): void {
  const query = client.query.bind(client) as (...args: unknown[]) => Promise<unknown>;
  const faulty = async (...args: unknown[]): Promise<unknown> => {
    const asked = query(...args);
    if (
      !String(args[0]).endsWith('COMMIT') ||
      instructions.getStore()?.fault?.point !== 'commit-sent'
    ) {
      return asked;
    }
    // A rejection while this waits is handled by the next `await` of `asked`.
    asked.catch(() => undefined);
    await setImmediate();
    await reach('commit-sent', blockMs);
    return asked;
  };
  Object.assign(client, { query: faulty });
}
