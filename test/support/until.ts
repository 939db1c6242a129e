import { setTimeout as sleep } from 'node:timers/promises';
import { HANG_MS } from './hang-guard.js';

/** Looks again and again until `condition` holds. */
export async function until(
  condition: () => boolean | Promise<boolean>,
  timeoutMs = HANG_MS,
): Promise<void> {
  const giveUpAt = Date.now() + timeoutMs;
  while (!(await condition())) {
    if (Date.now() > giveUpAt) throw new Error(`It did not happen within ${String(timeoutMs)} ms.`);
    await sleep(5);
  }
}
