import { openApplication, type Application } from './application.js';
import { deferred, outcome } from './executions.js';
import type { Topology } from './topologies.js';
import { until } from './until.js';

/** Options of {@link failOverWithLag}. */
export interface FailoverOptions {
  /** The replicas that the store waits for. */
  readonly replicas: 'all' | undefined;
  /** The number of requests that are sent while the replicas lag. */
  readonly requests: number;
  /** Sets the keys of this failover apart from those of others. */
  readonly name: string;
}

/** The results of requests around a failover, by key. */
export interface FailoverReport {
  /** The number of runs of each resolver. */
  readonly runs: ReadonlyMap<string, number>;
  /** The different answers that were given. */
  readonly answers: ReadonlyMap<string, ReadonlySet<string>>;
  /** Answered while the replicas lagged. */
  readonly answeredInLag: readonly string[];
  /** The number of claims that were found to be lost. */
  readonly claimsLost: number;
}

/**
 * Sends requests before a failover and while the replicas lag, fails over, and sends them all again
 * until they are answered, as a client would. One more request is in flight all the time.
 *
 * Safe to run again on the same topology, under another name.
 */
export async function failOverWithLag(
  topology: Topology,
  { replicas, requests, name }: FailoverOptions,
): Promise<FailoverReport> {
  const runs = new Map<string, number>();
  const answers = new Map<string, Set<string>>();
  const open = async (): Promise<Application> =>
    openApplication(await topology.connect(), {
      store: replicas === undefined ? {} : { replicas, replicasTimeoutMs: 100 },
    });
  const [one, two] = [await open(), await open()];

  async function send(application: Application, key: string, end?: Promise<void>): Promise<void> {
    const answer = await application.answer({
      key,
      async run() {
        const run = (runs.get(key) ?? 0) + 1;
        runs.set(key, run);
        await end;
        return outcome(`${key}, run ${String(run)}`);
      },
    });
    answers.set(key, (answers.get(key) ?? new Set()).add(answer));
  }
  const attempt = (application: Application, key: string): Promise<boolean> =>
    send(application, key).then(
      () => true,
      () => false,
    );

  try {
    const gate = deferred<undefined>();
    await send(one, `${name} kept`);
    const inFlight = send(one, `${name} in flight`, gate.promise);
    await until(() => runs.has(`${name} in flight`));
    await topology.lag();
    const lagging = Array.from({ length: requests }, (_, index) => `${name} ${String(index)}`);
    const answered = await Promise.all(lagging.map((key) => attempt(one, key)));
    await topology.failOver();
    gate.resolve(undefined);
    await inFlight;
    // Until somebody is there to acknowledge, a store that waits for replicas refuses.
    await topology.rejoin();
    const keys = [`${name} kept`, `${name} in flight`, ...lagging];
    for (const key of keys) await until(() => attempt(two, key));
    for (const key of keys) await until(() => attempt(one, key));
    const answeredInLag = lagging.filter((_, index) => answered[index]);
    const claimsLost = one.events.filter(({ type }) => type === 'claimLost').length;
    return { runs, answers, answeredInLag, claimsLost };
  } finally {
    await Promise.all([one.close(), two.close()]);
  }
}
