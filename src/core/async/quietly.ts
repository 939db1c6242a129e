/**
 * Calls something of the user's whose failure must not change what happens to a request: what it
 * throws is ignored, and so is what it rejects with.
 */
export function quietly<A>(act: (argument: A) => unknown, argument: A): void {
  try {
    ignoreRejection(act(argument));
  } catch {
    // Nobody is left to tell.
  }
}

/** A promise that nobody awaits must not end the process. */
export function ignoreRejection(value: unknown): void {
  if (typeof value !== 'object' || value === null) return;
  Promise.resolve(value).catch(() => undefined);
}
