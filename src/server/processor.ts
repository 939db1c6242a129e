import { setTimeout as sleep } from 'node:timers/promises';

/** Stands for the card processor that a real payments server would ask. It approves everything. */
export interface CardProcessor {
  /**
   * @param key - the idempotency key for the processor, the same in every attempt
   * @param signal - aborts when another request has taken over; the payment must not go on then
   */
  authorize(key: string, signal: AbortSignal): Promise<void>;
}

/** Creates a processor that takes its time, in milliseconds. */
export function createProcessor(latencyMs: number): CardProcessor {
  return {
    async authorize(_key, signal) {
      if (latencyMs > 0) await sleep(latencyMs, undefined, { signal });
      signal.throwIfAborted();
    },
  };
}
