import type { ApolloLink } from '@apollo/client/core';
import type { Clock } from '../../core/async/clock.js';
import type { Attempts } from '../core/attempts.js';
import { refusalInText, retryableRefusal, type Refusal } from '../core/refusal.js';

type Operation = Parameters<ApolloLink['request']>[0];
type Forward = NonNullable<Parameters<ApolloLink['request']>[1]>;
type Result = Parameters<NonNullable<Parameters<ReturnType<Forward>['subscribe']>[0]>>[0];

/** An observer that waits for the result of an operation. */
interface ResultObserver {
  readonly next: (result: Result) => void;
  readonly error: (error: unknown) => void;
  readonly complete: () => void;
}

/** The parts that an operation is sent with. */
export interface LinkSending {
  readonly attempts: Attempts;
  readonly clock: Clock;
  readonly observer: ResultObserver;
}

/**
 * Sends an operation, and sends it again while the server refuses it with a retryable code. The last
 * refusal is passed on as it came. {@link LinkAttempts.stop}, or aborting
 * `context.fetchOptions.signal`, ends a wait at once.
 */
export class LinkAttempts {
  readonly #operation: Operation;
  readonly #forward: Forward;
  readonly #sending: LinkSending;
  readonly #signal: AbortSignal | undefined;
  #subscription: { unsubscribe(): void } | undefined;
  #stopWaiting = (): void => undefined;

  constructor(operation: Operation, forward: Forward, sending: LinkSending) {
    this.#operation = operation;
    this.#forward = forward;
    this.#sending = sending;
    this.#signal = signalOf(operation);
  }

  /** Sends it once; a retry follows by itself. */
  send(): void {
    const { observer } = this.#sending;
    // Of one attempt, either everything is passed on or nothing.
    let passedOn = false;
    let refused = false;
    // The one before may still be open: not every link ends with its result.
    this.#subscription?.unsubscribe();
    try {
      this.#subscription = this.#forward(this.#operation).subscribe({
        next: (result) => {
          refused ||= !passedOn && this.#waits(retryableRefusal(result));
          if (refused) return;
          passedOn = true;
          observer.next(result);
        },
        error: (error: unknown) => {
          refused ||= !passedOn && this.#waits(refusalOfServerError(error));
          if (!refused) observer.error(error);
        },
        complete: () => {
          if (!refused) observer.complete();
        },
      });
    } catch (error) {
      // A link that throws has to fail the operation, also from a timer.
      observer.error(error);
    }
  }

  /** Ends whatever is in flight. */
  stop(): void {
    this.#stopWaiting();
    this.#subscription?.unsubscribe();
  }

  /** Whether there will be another attempt, for which it now waits. */
  #waits(refusal: Refusal | undefined): boolean {
    if (refusal === undefined || this.#signal?.aborted === true) return false;
    const retry = this.#sending.attempts.next(refusal);
    if (retry === undefined) return false;
    const { clock, observer } = this.#sending;
    const cancel = clock.schedule(retry.afterMs, () => {
      this.#stopWaiting();
      this.send();
    });
    const abort = (): void => {
      this.#stopWaiting();
      observer.error(this.#signal?.reason);
    };
    this.#signal?.addEventListener('abort', abort, { once: true });
    this.#stopWaiting = () => {
      cancel();
      this.#signal?.removeEventListener('abort', abort);
    };
    // Last: a listener may unsubscribe or abort.
    retry.announce();
    return true;
  }
}

function signalOf(operation: Operation): AbortSignal | undefined {
  const options: unknown = operation.getContext()['fetchOptions'];
  // By shape: React Native and some tests bring an AbortSignal of their own.
  const signal = (options as { signal?: AbortSignal | null } | undefined)?.signal;
  return typeof signal?.addEventListener === 'function' ? signal : undefined;
}

/**
 * The refusal in an answer that Apollo Client could not take for GraphQL, because of its status. By
 * shape: version 3 keeps the answer in `result`, version 4 its text in `bodyText`.
 */
function refusalOfServerError(error: unknown): Refusal | undefined {
  if (typeof error !== 'object' || error === null) return undefined;
  const { bodyText, result } = error as { readonly bodyText?: unknown; readonly result?: unknown };
  const text = typeof bodyText === 'string' ? bodyText : result;
  return typeof text === 'string' ? refusalInText(text) : retryableRefusal(result);
}
