import { ATTEMPT_STATES, type Attempt, type Purchase } from './attempt.js';
import type { Attempts } from './attempt-log.js';

/** Reads attempts as they were stored. Undefined if anything is not what this version writes. */
export function parseAttempts(json: unknown): Attempts | undefined {
  if (!isObject(json)) return undefined;
  const { attempts, purchases } = json;
  if (!Array.isArray(attempts) || !attempts.every(isAttempt)) return undefined;
  if (!Array.isArray(purchases) || !purchases.every(isPurchase)) return undefined;
  return { attempts, purchases };
}

function isAttempt(value: unknown): value is Attempt {
  return (
    isObject(value) &&
    typeof value['id'] === 'number' &&
    typeof value['purchase'] === 'string' &&
    typeof value['key'] === 'string' &&
    typeof value['keyNumber'] === 'number' &&
    typeof value['sentAtMs'] === 'number' &&
    ATTEMPT_STATES.some((state) => state === value['state']) &&
    isOptional(value['tookMs'], 'number') &&
    isOptional(value['waited'], 'boolean') &&
    isOptional(value['unstored'], 'boolean') &&
    isOptional(value['code'], 'string') &&
    isOptional(value['retryInMs'], 'number')
  );
}

function isPurchase(value: unknown): value is Purchase {
  return (
    isObject(value) &&
    typeof value['id'] === 'string' &&
    typeof value['amount'] === 'number' &&
    (value['reference'] === null || typeof value['reference'] === 'string') &&
    (value['newestBefore'] === null || isOptional(value['newestBefore'], 'string')) &&
    isOptional(value['payments'], 'number')
  );
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}

function isOptional(value: unknown, type: 'boolean' | 'number' | 'string'): boolean {
  return value === undefined || typeof value === type;
}
