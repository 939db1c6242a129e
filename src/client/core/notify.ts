/**
 * Tells a listener. What it throws, or rejects with, changes nothing about the request, and no
 * rejection of it stays unhandled.
 */
export function notify<T>(listener: ((about: T) => unknown) | undefined, about: T): void {
  try {
    ignoreRejection(listener?.(about));
  } catch {
    // Its own problem.
  }
}

/** Handles the rejection of a promise that was given where something else is expected. */
export function ignoreRejection(value: unknown): void {
  Promise.resolve(value).catch(() => undefined);
}
