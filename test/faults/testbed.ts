import { HANG_MS } from '../support/hang-guard.js';
import { check, type CheckRules, type Violation } from './checker.js';
import { createClient, type Client } from './client.js';
import { createLoad, type Load } from './load.js';
import type { LedgerLine } from './history.js';
import { startProvider, type Provider } from './provider.js';
import { nameOf } from './record.js';
import type { Random } from './random.js';
import type { VariantName } from './rewrites.js';
import type { RedisAddress, WorkerConfig } from './worker/config.js';
import { startPool, type PoolCounts, type WorkerPool } from './worker-pool.js';

/** Options of a testbed. */
export interface TestbedOptions {
  readonly name: string;
  readonly redis: RedisAddress;
  readonly random: Random;
  /** The number of workers. */
  readonly workers: number;
  /** The configuration of a worker, as far as it differs from the others'. */
  readonly configOf?: ((place: number) => Partial<WorkerConfig>) | undefined;
  readonly variant?: VariantName | undefined;
  /** Reads the effects when the workers have closed. @defaultValue those of the provider */
  readonly ledger?: (() => Promise<readonly LedgerLine[]>) | undefined;
}

/** Workers, a provider, a client and a load. */
export interface Testbed {
  readonly pool: WorkerPool;
  readonly provider: Provider;
  readonly client: Client;
  readonly load: Load;
  /** The faults have stopped: waits until every lease has run out, asks for everything once. */
  readonly settle: () => Promise<void>;
}

/** The result of a scenario on a testbed. */
export interface TestbedResult {
  readonly counts: PoolCounts;
  readonly requests: number;
  readonly records: number;
  readonly effects: number;
  /** Records whose outcome is unknown in the end. */
  readonly unknown: number;
  readonly violations: readonly Violation[];
  readonly problems: readonly string[];
}

/** Short, since the harness waits for many of them, and long enough for a busy machine to renew it. */
export const LEASE_MS = 2_000;
/** For scenarios in which nothing may time out or lapse, even on a slow machine. */
export const UNHURRIED = { leaseMs: 30_000, storeTimeoutMs: 10_000, drainTimeoutMs: HANG_MS };
/** The time after its last fault and a lease within which a record must have an outcome. */
const SETTLE_MS = 2_000;
/** Wall clocks of servers differ by more than any lease; nothing but a seeded bug looks at them. */
const WALL_CLOCKS_APART_MS = 40_000;
const UNKNOWN = 'IDEMPOTENCY_OUTCOME_UNKNOWN';
const DEFAULTS = { leaseMs: LEASE_MS, waitMs: 400, storeTimeoutMs: 1_200, ttlSeconds: 86_400 };

/** Sets a testbed up, runs `act` on it, and checks the history and the ledger. */
export async function onTestbed(
  options: TestbedOptions,
  rules: CheckRules,
  act: (testbed: Testbed) => Promise<void>,
): Promise<TestbedResult> {
  const { name, redis, random, workers, configOf, variant } = options;
  const provider = await startProvider();
  const client = createClient();
  const load = createLoad(name);
  const config = { ...DEFAULTS, redis, variant, providerSocket: provider.socketPath };
  let pool: WorkerPool | undefined;
  try {
    pool = await startPool(
      workers,
      (place) => ({
        ...config,
        wallClockOffsetMs: place * WALL_CLOCKS_APART_MS,
        ...configOf?.(place),
      }),
      random.fork('pool'),
    );
    const running = pool;
    await act({
      pool,
      provider,
      client,
      load,
      async settle() {
        await running.whole();
        await new Promise((resolve) => setTimeout(resolve, LEASE_MS + SETTLE_MS));
        await load.settle(running, client);
      },
    });
  } finally {
    client.close();
    await pool?.stop();
    await provider.stop();
  }
  const { history } = load;
  const ledger = options.ledger === undefined ? provider.ledger : await options.ledger();
  const final = history.filter((entry) => entry.final);
  return {
    counts: pool.counts,
    requests: history.length,
    records: new Set(final.map(nameOf)).size,
    effects: ledger.filter(({ kind, applied }) => kind === 'effect' && applied).length,
    unknown: new Set(final.filter(({ code }) => code === UNKNOWN).map(nameOf)).size,
    violations: check(history, ledger, rules),
    problems: pool.problems,
  };
}
