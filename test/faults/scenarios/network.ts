import { setTimeout as sleep } from 'node:timers/promises';
import { startRedis } from '../../support/redis-server.js';
import type { RequestFault } from '../../support/request-fault.js';
import { startTcpProxy, type TcpProxy } from '../../support/tcp-proxy.js';
import { ALIVE } from '../checker.js';
import type { Random } from '../random.js';
import { resultOf, type Scenario, type ScenarioOptions, type ScenarioResult } from '../scenario.js';
import { underLoad } from '../under-load.js';

const SCRIPT = /EVAL/i;
/** The number of faults that wait for their requests at once. */
const LANES = 4;

/** Connections to Redis that are cut around a script. */
export const cuts: Scenario = {
  name: 'cuts',
  title: 'connection to Redis cut before a script, after it, or within its reply',
  run: (options) =>
    disturbed(options, 'cuts', 'cut connections', (proxy, random) =>
      proxy.strike({ request: SCRIPT, nth: random.integer(1, 8) }, cut(random)),
    ),
};

/** Connections that are slow, silent, or open on one side only. */
export const delays: Scenario = {
  name: 'delays',
  title: 'connection to Redis delayed, silent, or half open for up to 1.5 s',
  run: (options) =>
    disturbed(options, 'delays', 'delayed or silent connections', async (proxy, random) => {
      await sleep(random.integer(20, 200));
      switch (random.integer(0, 3)) {
        case 0:
          return proxy.strike({ request: SCRIPT }, { delayMs: random.integer(10, 1_200) });
        case 1:
          proxy.delay({ requestMs: random.integer(0, 700), replyMs: random.integer(0, 700) });
          break;
        case 2:
          proxy.silence();
          break;
        default:
          await proxy.strike({ request: SCRIPT }, random.chance(0.5) ? 'loseReply' : 'loseRequest');
      }
      await sleep(random.integer(100, 1_500));
      // Nobody would ever notice that the other side is gone: what is half open ends with a cut.
      proxy.cut();
      proxy.pass();
    }),
};

function cut(random: Random): RequestFault {
  return random.pick<RequestFault>([
    'cut',
    { cutReplyAfter: 0 },
    { cutReplyAfter: random.integer(1, 60) },
  ]);
}

async function disturbed(
  options: ScenarioOptions,
  name: string,
  counted: string,
  disturb: (proxy: TcpProxy, random: Random) => Promise<void>,
): Promise<ScenarioResult> {
  const redis = await startRedis();
  const proxies = await Promise.all(Array.from({ length: LANES }, () => startTcpProxy(redis.port)));
  let injected = 0;
  try {
    const result = await underLoad(options, {
      name,
      redis: { kind: 'standalone', port: redis.port },
      rules: ALIVE,
      workers: LANES,
      configOf: (place) => {
        const port = proxies[place]?.port ?? redis.port;
        return { redis: { kind: 'standalone', port } };
      },
      injected: () => injected,
      async disturb() {
        await Promise.all(
          proxies.map(async (proxy, lane) => {
            const random = options.random.fork(`proxy ${String(lane)}`);
            while (injected < options.size) {
              await disturb(proxy, random);
              injected += 1;
            }
          }),
        );
      },
    });
    return resultOf(result, { [counted]: injected });
  } finally {
    await Promise.all(proxies.map((proxy) => proxy.close()));
    await redis.stop();
  }
}
