import type { Clock } from './clock.js';

/** Something did not come in time. What becomes of it is not known. */
export class DeadlineError extends Error {
  override readonly name = 'DeadlineError';
}

/**
 * `promise`, or a {@link DeadlineError} after `timeoutMs`. The promise is not cancelled; what
 * becomes of it later is ignored.
 */
export function withinDeadline<T>(
  promise: Promise<T>,
  timeoutMs: number,
  clock: Clock,
  who = 'The store',
): Promise<T> {
  return new Promise((resolve, reject) => {
    const cancel = clock.schedule(timeoutMs, () => {
      reject(new DeadlineError(`${who} did not answer within ${timeoutMs} ms.`));
    });
    promise.then(
      (value) => {
        cancel();
        resolve(value);
      },
      (error: unknown) => {
        cancel();
        reject(error instanceof Error ? error : new Error(String(error)));
      },
    );
  });
}

/** Resolves after `delayMs`. */
export function pause(delayMs: number, clock: Clock): Promise<void> {
  return new Promise((resolve) => {
    clock.schedule(delayMs, resolve);
  });
}
