export { OfflineQueue } from './offline-queue.js';
export type { OfflineProblem, OfflineQueueOptions } from './options.js';
export type { QueuedMutation } from './queued-mutation.js';
