import type { Failure, Outcome } from './execute-request.js';

/** What runs the resolver has broken: what became of it is not known. */
export interface Broken {
  readonly kind: 'broken';
  readonly error: unknown;
}

/**
 * Runs the resolver. Never rejects: whatever is thrown after a claim has to end the claim. A throw
 * says that nothing ran; a rejection, that something may have.
 */
export async function enter<T>(
  run: () => Promise<Outcome<T> | Failure>,
): Promise<Outcome<T> | Failure | Broken> {
  let running: Promise<Outcome<T> | Failure>;
  try {
    running = run();
  } catch (error) {
    return { kind: 'failure', error, declined: true };
  }
  try {
    return await running;
  } catch (error) {
    return { kind: 'broken', error };
  }
}
