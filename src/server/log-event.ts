import type { IdempotencyEvent } from '../index.js';
import type { Log, LogLevel } from './log.js';

/** The urgency of each event for an operator of the server. */
const LEVELS: Readonly<Record<IdempotencyEvent['type'], LogLevel>> = {
  claimed: 'debug',
  executed: 'debug',
  replayed: 'debug',
  waited: 'debug',
  rejected: 'debug',
  mismatch: 'debug',
  missingKey: 'debug',
  released: 'debug',
  sealed: 'info',
  recovered: 'info',
  transactionFound: 'info',
  takeover: 'warn',
  recoverFailed: 'warn',
  stale: 'warn',
  unavailable: 'warn',
  notStored: 'warn',
  storeFailure: 'warn',
  storeSetting: 'warn',
  unfinished: 'warn',
  unreadable: 'error',
  claimLost: 'error',
  unprotected: 'error',
};

/** Writes an event as a line. It has neither keys nor arguments nor results. */
export function logEvent(event: IdempotencyEvent, log: Log): void {
  const { type, ...fields } = event;
  const lost = event.type === 'notStored' && event.final;
  log[lost ? 'error' : LEVELS[type]](fields, `idempotency ${type}`);
}
