import type { Clock } from './clock.js';

/** The store did not answer in time. What it did with the question is not known. */
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
): Promise<T> {
  return new Promise((resolve, reject) => {
    const cancel = clock.schedule(timeoutMs, () => {
      reject(new DeadlineError(`The store did not answer within ${String(timeoutMs)} ms.`));
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
