import { createHook } from 'node:async_hooks';
import type { WorkerUsage } from './config.js';

/**
 * Counts the timers of this process from now on, including those that do not keep it alive.
 *
 * @returns the usage when it is called
 */
export function measureUsage(): () => WorkerUsage {
  const timers = new Set<number>();
  createHook({
    init(id, type) {
      if (type === 'Timeout') timers.add(id);
    },
    destroy(id) {
      timers.delete(id);
    },
  }).enable();
  return () => {
    globalThis.gc?.();
    return { heapBytes: process.memoryUsage().heapUsed, timers: timers.size };
  };
}
