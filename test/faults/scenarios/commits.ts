import { setTimeout as sleep } from 'node:timers/promises';
import { startRedis } from '../../support/redis-server.js';
import type { RequestFault } from '../../support/request-fault.js';
import { startTcpProxy } from '../../support/tcp-proxy.js';
import { until } from '../../support/until.js';
import { COMMIT_POINTS, POINTS, type Fault } from '../fault.js';
import type { HistoryEntry } from '../history.js';
import { COMMIT_OPERATIONS } from '../record.js';
import { resultOf, type Scenario } from '../scenario.js';
import type { Testbed } from '../testbed.js';
import { underLoad } from '../under-load.js';

const WORKERS = 4;
const SCRIPT = /EVAL/i;
/** Cuts that take longer are not waited for. */
const CUT_MS_MAX = 3_000;
const CUTS: readonly RequestFault[] = ['cut', { cutReplyAfter: 0 }];
/** There is no limit that is about speed: only a run that hangs takes as long. */
const PATIENCE_MS = 3_600_000;
const RULES = { unknown: true, reruns: true, notStored: true, forgets: false };

/**
 * Effects that are made by a commit around the resolver, of results that are kept as values and as
 * responses. `size` is the number of failed commits and of cut connections; a fifth as many workers are
 * killed.
 */
export const commits: Scenario = {
  name: 'commits',
  title:
    'commits around resolvers that return class instances or rows fail; workers killed, connections to Redis cut',
  async run(options) {
    const { random, size, requests } = options;
    const redis = await startRedis();
    const proxies = await Promise.all(
      Array.from({ length: WORKERS }, () => startTcpProxy(redis.port)),
    );
    const faults = random.fork('faults');
    const killsWanted = Math.ceil(size / 5);
    let cuts = 0;
    let history: readonly HistoryEntry[] = [];

    function nextFault({ pool: { counts }, load }: Testbed): Fault | undefined {
      const kills = Math.max(0, killsWanted - counts.kills);
      const left = kills + Math.max(0, size - counts.failures);
      // Spread over the requests that are still to come.
      const requestsLeft = Math.max(1, requests - load.history.length);
      if (left === 0 || !faults.chance(Math.max(0.02, Math.min(0.6, (3 * left) / requestsLeft)))) {
        return undefined;
      }
      return faults.integer(1, left) > kills
        ? { action: 'fail', point: 'before-commit' }
        : { action: 'kill', point: faults.pick([...POINTS, ...COMMIT_POINTS]) };
    }

    async function disturb({ pool, load }: Testbed): Promise<void> {
      ({ history } = load);
      const cutting = proxies.map(async (proxy, lane) => {
        const source = random.fork(`proxy ${String(lane)}`);
        while (cuts < size) {
          const struck = proxy
            .strike({ request: SCRIPT, nth: source.integer(1, 8) }, source.pick(CUTS))
            .then(() => (cuts += 1));
          // The reply of a worker that was killed never comes, and cannot be cut.
          await Promise.race([struck, sleep(CUT_MS_MAX)]);
        }
      });
      await Promise.all(cutting);
      const { counts } = pool;
      await until(() => counts.kills >= killsWanted && counts.failures >= size, PATIENCE_MS);
    }

    try {
      const result = await underLoad(options, {
        name: 'commits',
        redis: { kind: 'standalone', port: redis.port },
        rules: RULES,
        workers: WORKERS,
        operations: COMMIT_OPERATIONS,
        configOf: (place) => {
          const port = proxies[place]?.port ?? redis.port;
          return { redis: { kind: 'standalone', port } };
        },
        fault: (_, testbed) => nextFault(testbed),
        injected: ({ pool }) => pool.counts.kills + pool.counts.failures,
        disturb,
      });
      const replays = (kind: string): number =>
        history.filter(({ replayed, kept }) => replayed && kept === kind).length;
      return resultOf(result, {
        'failed commits': result.counts.failures,
        kills: result.counts.kills,
        'cut connections': cuts,
        'replays of responses': replays('response'),
        'replays of values': replays('value'),
      });
    } finally {
      await Promise.all(proxies.map((proxy) => proxy.close()));
      await redis.stop();
    }
  },
};
