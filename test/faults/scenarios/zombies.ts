import { setTimeout as sleep } from 'node:timers/promises';
import { HANG_MS } from '../../support/hang-guard.js';
import { startRedis } from '../../support/redis-server.js';
import { ALIVE } from '../checker.js';
import { resultOf, type Scenario } from '../scenario.js';
import { LEASE_MS, onTestbed, type Testbed } from '../testbed.js';

/** The duration of the work of an owner after its pause: far longer than a lease. */
const LINGER_MS = 12 * LEASE_MS;
/** The record must be free within this time, although its first owner is alive. */
const FREE_MS_MAX = 9 * LEASE_MS;
const TRIES_MAX = 80;

/**
 * An owner sleeps past its lease, another takes over and dies, and the first one wakes up and works
 * on: the record must become free again although its first owner is still alive.
 *
 * ```
 * first   claims · paused ────────────────────── wakes, works on ─────────────── answers
 * second            lease lapses · claims · dies
 * third                                            lease lapses · claims · answers
 * ```
 */
export const zombies = scenarioOf(
  'zombies',
  'paused owner wakes up after its successor has died',
  wakeZombie,
);

/**
 * An owner sleeps past its lease, another takes over, and the first one fails when it wakes up: what
 * it gives up is not its own any more.
 *
 * ```
 * first   claims · paused ────────── fails, gives up
 * second            lease lapses · claims · works ─────────── answers
 * third                                     asks, waits ───── is answered alike
 * ```
 */
export const collapses = scenarioOf(
  'collapses',
  'paused owner fails after its successor has taken over',
  collapse,
);

/** A scenario that happens `size` times, each time on a key of its own. */
function scenarioOf(
  name: string,
  title: string,
  happen: (testbed: Testbed, number: number) => Promise<void>,
): Scenario {
  return {
    name,
    title,
    async run({ random, size, variant }) {
      const redis = await startRedis();
      try {
        const setting = {
          name,
          redis: { kind: 'standalone', port: redis.port } as const,
          random,
          workers: Math.min(8, 2 + 2 * size),
          variant,
        };
        const result = await onTestbed(setting, ALIVE, async (testbed) => {
          // One by one. If several ran at once, the kill of one could end the worker that has the last
          // request of another, which would get no answer. Or it could end the worker of a successor
          // that has not taken over yet: then the first owner goes on, and the last request is refused.
          for (let number = 1; number <= size; number += 1) await happen(testbed, number);
        });
        return resultOf(result, { [name]: size });
      } finally {
        await redis.stop();
      }
    },
  };
}

async function collapse({ pool, client, load }: Testbed, number: number): Promise<void> {
  const key = `collapse-${String(number)}`;
  const call = { scope: 'alice', operation: 'rerun', key, amount: 1, timeoutMs: 15_000 } as const;
  const first = await pool.pick();
  const others = () => pool.pick((worker) => worker !== first);
  const failing = load.send(first, client, {
    ...call,
    fault: { action: 'collapse', point: 'before-effect' },
  });
  await sleep(LEASE_MS + 100);
  const successor = load.send(await others(), client, { ...call, delayMs: 3 * LEASE_MS });
  await failing;
  for (let tries = 0; tries < TRIES_MAX; tries += 1) {
    if ((await load.send(await others(), client, call)).code === 'OK') break;
    await sleep(50);
  }
  await successor;
  await load.conclude(others, client, call);
}

async function wakeZombie({ pool, client, load }: Testbed, number: number): Promise<void> {
  const key = `zombie-${String(number)}`;
  const call = { scope: 'alice', operation: 'rerun', key, amount: 1, timeoutMs: HANG_MS } as const;
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
  // It must find the claim of the dead one. At the end of its pause, that has lapsed by a hair or is
  // about to: as often as not, the last request has the record by then.
  pool.resume(first);
  await load.conclude(others, client, { ...call, timeoutMs: FREE_MS_MAX }, FREE_MS_MAX);
  await zombie;
}
