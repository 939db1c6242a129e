import type { CheckRules } from './checker.js';
import type { Fault } from './fault.js';
import type { Intent } from './load.js';
import { OPERATIONS, type Operation } from './record.js';
import type { ScenarioOptions } from './scenario.js';
import { onTestbed, type Testbed, type TestbedOptions, type TestbedResult } from './testbed.js';
import type { RedisAddress, WorkerConfig } from './worker/config.js';

/** A load, and the faults that are injected meanwhile. */
export interface Disturbance {
  readonly name: string;
  readonly redis: RedisAddress;
  readonly rules: CheckRules;
  /** @defaultValue 4 */
  readonly workers?: number;
  /** Intents in flight at once. @defaultValue 48 */
  readonly concurrency?: number;
  /** @defaultValue all */
  readonly operations?: readonly Operation[];
  readonly configOf?: (place: number) => Partial<WorkerConfig>;
  /** The fault that an intent's first request carries. */
  readonly fault?: (intent: Intent, testbed: Testbed) => Fault | undefined;
  readonly delayMs?: ((intent: Intent) => number | undefined) | undefined;
  /** Injects faults; the load goes on until it has ended and there were enough requests. */
  readonly disturb: (testbed: Testbed) => Promise<void>;
  /** Asks for more when the faults have stopped and every intent has its answer. */
  readonly afterwards?: (testbed: Testbed) => Promise<void>;
  /** Reads the effects. @defaultValue those of the provider */
  readonly ledger?: TestbedOptions['ledger'];
  /** The number of faults so far, for progress. */
  readonly injected: (testbed: Testbed) => number;
}

const PROGRESS_MS = 10_000;

/** Runs a load on a testbed while faults are injected, and checks it when they have stopped. */
export async function underLoad(
  { random, requests, size, variant, progress }: ScenarioOptions,
  disturbance: Disturbance,
): Promise<TestbedResult> {
  const { name, redis, rules, workers = 4, concurrency = 48, configOf } = disturbance;
  const { operations = OPERATIONS, fault, delayMs, ledger } = disturbance;
  const setting = { name, redis, random, workers, variant, configOf, ledger };
  return onTestbed(setting, rules, async (testbed) => {
    const { pool, client, load, settle } = testbed;
    const timer = setInterval(() => {
      const injected = `${String(disturbance.injected(testbed))} of ${String(size)}`;
      progress(`${injected}, ${String(load.history.length)} requests`);
    }, PROGRESS_MS);
    let disturbing = true;
    try {
      const disturbed = disturbance.disturb(testbed).finally(() => (disturbing = false));
      // The load ends first, even if the disturbance fails.
      const [disturbedBy, loaded] = await Promise.allSettled([
        disturbed,
        load.run({
          pool,
          client,
          random: random.fork('load'),
          operations,
          concurrency,
          goesOn: () => disturbing || load.history.length < requests,
          fault: fault && ((intent) => fault(intent, testbed)),
          delayMs,
        }),
      ]);
      for (const one of [disturbedBy, loaded]) {
        if (one.status === 'rejected') throw one.reason;
      }
    } finally {
      clearInterval(timer);
    }
    await settle();
    await disturbance.afterwards?.(testbed);
  });
}
