import { setTimeout as sleep } from 'node:timers/promises';

/** Looks again and again until `condition` holds. */
export async function until(
  condition: () => boolean | Promise<boolean>,
  timeoutMs = 60_000,
): Promise<void> {
  const giveUpAt = Date.now() + timeoutMs;
  while (!(await condition())) {
    if (Date.now() > giveUpAt) throw new Error(`It did not happen within ${String(timeoutMs)} ms.`);
    await sleep(5);
  }
}
