import { pruneOutcomes } from '../stores/database/index.js';
import type { LedgerDatabase } from './ledger/ledger-database.js';
import type { Log } from './log.js';

const HOUR_MS = 3_600_000;

/**
 * Removes outcomes that have expired, every hour.
 *
 * @returns ends that
 */
export function pruneHourly({ transactions }: LedgerDatabase, log: Log): () => void {
  const timer = setInterval(() => {
    pruneOutcomes(transactions).catch((error: unknown) => {
      log.warn({ error }, 'could not remove expired outcomes');
    });
  }, HOUR_MS).unref();
  return () => {
    clearInterval(timer);
  };
}
