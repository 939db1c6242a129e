import { setTimeout as sleep } from 'node:timers/promises';
import { startRedis } from '../../support/redis-server.js';
import { resultOf, type Scenario } from '../scenario.js';
import { LEASE_MS, onStage, type Stage } from '../stage.js';

/** How long an owner that has been paused goes on working afterwards. */
const LINGER_MS = 4 * LEASE_MS;
const TRIES_MAX = 40;

/**
 * An owner sleeps past its lease, another takes over and dies, and the first one wakes up and works
 * on: the record must become free again although its first owner is still alive.
 *
 * ```
 * first   claims · paused ────────────── wakes, works on ───────────────── answers
 * second            lease lapses · claims · dies
 * third                                        lease lapses · claims · answers
 * ```
 */
export const zombies: Scenario = {
  name: 'zombies',
  title: 'paused owner wakes up after its successor has died',
  async run({ random, size, variant }) {
    const redis = await startRedis();
    try {
      const result = await onStage(
        {
          name: 'zombies',
          redis: { kind: 'standalone', port: redis.port },
          random,
          workers: 8,
          variant,
        },
        { unknown: false, reruns: true, notStored: true, forgets: false },
        async (stage) => {
          const lanes = Math.min(4, size);
          let started = 0;
          await Promise.all(
            Array.from({ length: lanes }, async () => {
              while (started < size) await haunt(stage, (started += 1));
            }),
          );
        },
      );
      return resultOf(result, { zombies: size });
    } finally {
      await redis.stop();
    }
  },
};

async function haunt({ pool, client, load }: Stage, number: number): Promise<void> {
  const key = `zombie-${String(number)}`;
  const call = { scope: 'alice', operation: 'rerun', key, amount: 1, timeoutMs: 15_000 } as const;
  const first = await pool.pick();
  const others = () => pool.pick((worker) => worker !== first);
  const zombie = load.send(first, client, {
    ...call,
    fault: { action: 'stop', point: 'before-effect' },
    delayMs: LINGER_MS,
  });
  await sleep(LEASE_MS);
  const fault = { action: 'kill', point: 'after-effect' } as const;
  for (let tries = 0; tries < TRIES_MAX; tries += 1) {
    const { code } = await load.send(await others(), client, { ...call, fault });
    if (code === 'NO_ANSWER') break;
    await sleep(50);
  }
  await sleep(2 * LEASE_MS);
  await load.send(await others(), client, { ...call }, true);
  await zombie;
}
