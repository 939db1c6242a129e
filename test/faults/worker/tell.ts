import type { WorkerMessage } from './config.js';

/** Tells the driver something; resolves when it is on its way. */
export function tell(message: WorkerMessage): Promise<void> {
  return new Promise((resolve) => {
    if (process.send === undefined || !process.connected) {
      resolve();
      return;
    }
    process.send(message, undefined, {}, () => {
      resolve();
    });
  });
}
