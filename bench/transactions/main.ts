import { randomBytes } from 'node:crypto';
import { Engine } from '../../src/core/engine/engine.js';
import { createEvents } from '../../src/core/events.js';
import { execute } from '../../test/support/execute.js';
import { outcome, request } from '../../test/support/executions.js';
import { createNullStore } from '../in-process/null-store.js';
import type { Execution } from '../../src/index.js';
import { openPostgres, openPostgresOnDisk, openSqlite, type Payments } from './databases.js';

/** How one way of paying did in one round. */
interface Round {
  readonly perSecond: number;
  readonly medianMs: number;
}

const ROUNDS = 7;
const REQUESTS = 400;
const WARM_UP = 100;

/**
 * Measures the same transaction with an outcome and without, in turns, and prints a table. The store
 * costs nothing: what Redis takes is measured elsewhere.
 */
async function main(): Promise<void> {
  console.log('| database | in flight | payments/s without | with | throughput | median latency |');
  console.log('| --- | --- | --- | --- | --- | --- |');
  await measure('PostgreSQL', 1, openPostgres);
  await measure('PostgreSQL', 16, openPostgres);
  await measure('PostgreSQL, on disk', 1, openPostgresOnDisk);
  await measure('PostgreSQL, on disk', 16, openPostgresOnDisk);
  await measure('SQLite', 1, openSqlite);
}

async function measure(
  name: string,
  inFlight: number,
  open: () => Promise<Payments>,
): Promise<void> {
  const payments = await open();
  const engine = new Engine({
    store: createNullStore(),
    storeTimeoutMs: 1_000,
    events: createEvents(() => undefined),
    randomBytes,
    cipher: undefined,
    clock: undefined,
  });
  let key = 0;
  const keyed = async (payOnce: (execution: Execution) => Promise<unknown>): Promise<void> => {
    await execute(
      engine,
      request({
        key: String((key += 1)),
        run: async (execution) => {
          await payOnce(execution);
          return outcome('paid');
        },
      }),
    );
  };
  const ways = Object.entries(payments.waysToPayOnce).map(([way, payOnce]) => ({
    ...{ way, act: () => keyed(payOnce) },
    rounds: [] as Round[],
  }));
  try {
    const plain: Round[] = [];
    for (const act of [payments.pay, ...ways.map((each) => each.act)]) {
      await run(act, WARM_UP, inFlight);
    }
    for (let round = 0; round < ROUNDS; round += 1) {
      plain.push(await run(payments.pay, REQUESTS, inFlight));
      for (const { act, rounds } of ways) rounds.push(await run(act, REQUESTS, inFlight));
    }
    const without = medianOf(plain.map(({ perSecond }) => perSecond));
    for (const { way, rounds } of ways) {
      const withOutcome = medianOf(rounds.map(({ perSecond }) => perSecond));
      const throughput = medianOf(
        rounds.map((one, n) => one.perSecond / (plain[n]?.perSecond ?? NaN)),
      );
      const latency = medianOf(rounds.map((one, n) => one.medianMs / (plain[n]?.medianMs ?? NaN)));
      console.log(
        `| ${name}${way} | ${String(inFlight)} | ${without.toFixed(0)} | ${withOutcome.toFixed(0)} | ` +
          `${throughput.toFixed(2)}x | ${latency.toFixed(2)}x |`,
      );
    }
  } finally {
    engine.stop();
    await payments.close();
  }
}

async function run(act: () => Promise<unknown>, total: number, inFlight: number): Promise<Round> {
  const latencies: number[] = [];
  let left = total;
  const startedAt = performance.now();
  await Promise.all(
    Array.from({ length: inFlight }, async () => {
      while (left > 0) {
        left -= 1;
        const sentAt = performance.now();
        await act();
        latencies.push(performance.now() - sentAt);
      }
    }),
  );
  const seconds = (performance.now() - startedAt) / 1_000;
  return { perSecond: total / seconds, medianMs: medianOf(latencies) };
}

function medianOf(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? NaN;
}

main().catch((error: unknown) => {
  console.error(error);
  process.exitCode = 1;
});
