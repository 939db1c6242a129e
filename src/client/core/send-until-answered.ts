import type { Clock } from '../../core/async/clock.js';
import { causeOfError, type Attempts, type RetryCause } from './attempts.js';

/** A way to send a request once, and to judge its answer. */
export interface Sending<TAnswer> {
  readonly send: () => Promise<TAnswer>;
  /** The reason for asking again; undefined for a final answer. */
  readonly causeOf: (answer: TAnswer) => Promise<RetryCause | undefined>;
  /** Ends a wait at once. */
  readonly signal: AbortSignal | undefined;
  readonly clock: Clock;
}

/**
 * Sends a request, and sends it again while the server refuses it for now or no answer comes. The
 * last answer, or the last error, is passed on as it came.
 */
export async function sendUntilAnswered<TAnswer>(
  attempts: Attempts,
  sending: Sending<TAnswer>,
): Promise<TAnswer> {
  for (;;) {
    const [end, cause] = await attempt(sending);
    const { signal, clock } = sending;
    const retry =
      cause === undefined || signal?.aborted === true ? undefined : attempts.next(cause);
    if (retry === undefined) return end();
    const waited = sleep(retry.afterMs, signal, clock);
    retry.announce();
    await waited;
  }
}

/** Sends once. Gives what passes the answer on, and why it has to be asked for again. */
async function attempt<TAnswer>({
  send,
  causeOf,
}: Sending<TAnswer>): Promise<[end: () => TAnswer, cause: RetryCause | undefined]> {
  try {
    const answer = await send();
    const cause = await causeOf(answer);
    return [() => answer, cause];
  } catch (error) {
    const fail = (): never => {
      throw error;
    };
    return [fail, causeOfError(error)];
  }
}

function sleep(delayMs: number, signal: AbortSignal | undefined, clock: Clock): Promise<void> {
  return new Promise((resolve, reject) => {
    const abort = (): void => {
      cancel();
      reject(signal?.reason as Error);
    };
    const cancel = clock.schedule(delayMs, () => {
      signal?.removeEventListener('abort', abort);
      resolve();
    });
    signal?.addEventListener('abort', abort, { once: true });
  });
}
