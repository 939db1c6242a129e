import { setTimeout as sleep } from 'node:timers/promises';
import { startRedis } from '../../support/redis-server.js';
import { ALIVE } from '../checker.js';
import { createShiftedClock } from '../clock-shim.js';
import { resultOf, type Scenario } from '../scenario.js';
import { underLoad } from '../under-load.js';

/** Changes of the clock, in milliseconds. */
const STEPS_MS = [15_000, -15_000, 120_000, -120_000, 2_000, -2_000];

/** Redis's clock jumps while requests run. */
export const clockJumps: Scenario = {
  name: 'clock-jumps',
  title: "Redis's clock set forward and back by 2 s to 2 min",
  async run(options) {
    const clock = createShiftedClock();
    const redis = await startRedis({ env: clock.env });
    const random = options.random.fork('clock');
    let jumps = 0;
    try {
      const result = await underLoad(options, {
        name: 'clock-jumps',
        redis: { kind: 'standalone', port: redis.port },
        // A lease may seem to have lapsed: then `rerun` runs again, `hold` waits for its owner.
        rules: ALIVE,
        delayMs: () => (random.chance(0.3) ? random.integer(20, 800) : undefined),
        injected: () => jumps,
        async disturb() {
          let offsetMs = 0;
          for (; jumps < options.size; jumps += 1) {
            await sleep(random.integer(200, 1_000));
            offsetMs += random.pick(STEPS_MS);
            clock.set(offsetMs);
          }
        },
      });
      return resultOf(result, { 'clock jumps': jumps });
    } finally {
      await redis.stop();
      clock.close();
    }
  },
};
