import type { WorkerMessage } from './config.js';

/** Sends the driver a message; resolves when it has been sent. */
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
