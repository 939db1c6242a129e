import type { Clock } from '../../core/async/clock.js';
import { causeOfError, type Attempts, type RetryCause } from '../core/attempts.js';
import { notify } from '../core/notify.js';
import { retryableRefusal } from '../core/refusal.js';
import type { ShownAnswer } from '../intent/ends-intent.js';
import type { RelayObserver, RelayResult, RelaySubscribable } from './relay-types.js';

/** A way to send a mutation, and whom to tell of its answer. */
export interface Sending<TResponse> {
  readonly send: () => RelayResult<TResponse>;
  readonly attempts: Attempts;
  readonly clock: Clock;
  readonly onAnswer: ((answer: ShownAnswer) => unknown) | undefined;
}

/** Takes what one attempt comes to. */
interface UpstreamObserver<T> {
  readonly next: (answer: T) => void;
  readonly error: (error: Error) => void;
  readonly complete: () => void;
}

/**
 * A mutation for one subscriber: sent, and sent again while the server refuses it for now or no answer
 * comes. The last answer, or the last error, is passed on as it came.
 */
export class MutationSending<TResponse> {
  readonly #sending: Sending<TResponse>;
  readonly #observer: RelayObserver<TResponse>;
  #stop: () => void = () => undefined;
  #closed = false;

  /** Sends it for the first time. */
  constructor(sending: Sending<TResponse>, observer: RelayObserver<TResponse>) {
    this.#sending = sending;
    this.#observer = observer;
    this.#send();
  }

  /** Whether nothing more comes. */
  get closed(): boolean {
    return this.#closed;
  }

  /** Stops listening and waiting: nothing is sent again. */
  unsubscribe(): void {
    this.#closed = true;
    this.#stop();
  }

  #send(): void {
    let refused: { readonly answer: TResponse; readonly cause: RetryCause } | undefined;
    let isAnswered = false;
    const fail = (error: Error): void => {
      const cause = isAnswered ? undefined : causeOfError(error);
      this.#againOr(cause, () => this.#observer.error?.(error));
    };
    const observer = {
      next: (answer: TResponse) => {
        const cause = isAnswered ? undefined : retryableRefusal(answer);
        if (cause !== undefined) {
          refused = { answer, cause };
          return;
        }
        isAnswered = true;
        this.#pass(answer);
      },
      error: fail,
      complete: () => {
        this.#againOr(isAnswered ? undefined : refused?.cause, () => {
          if (refused !== undefined && !isAnswered) this.#pass(refused.answer);
          this.#observer.complete?.();
        });
      },
    };
    try {
      this.#listen(this.#sending.send(), observer);
    } catch (error) {
      fail(error as Error);
    }
  }

  #listen(result: RelayResult<TResponse>, observer: UpstreamObserver<TResponse>): void {
    if (isSubscribable(result)) {
      const subscription = result.subscribe(observer);
      // What emits at once may have been sent again by now, and has another end.
      if (!subscription.closed) {
        this.#stop = () => {
          subscription.unsubscribe();
        };
      }
      return;
    }
    Promise.resolve(result).then((answer) => {
      if (this.#closed) return;
      // A fetch function may return an error to say that it could not fetch.
      if (answer instanceof Error) {
        observer.error(answer);
      } else {
        observer.next(answer);
        observer.complete();
      }
    }, observer.error);
  }

  #againOr(cause: RetryCause | undefined, end: () => void): void {
    if (this.#closed) return;
    const { attempts, clock } = this.#sending;
    const retry = cause && attempts.next(cause);
    if (retry === undefined) {
      this.#closed = true;
      end();
      return;
    }
    this.#stop = clock.schedule(retry.afterMs, () => {
      this.#send();
    });
    // Last: a listener may dispose of the mutation.
    retry.announce();
  }

  #pass(answer: TResponse): void {
    notify(this.#sending.onAnswer, answer as ShownAnswer);
    this.#observer.next?.(answer);
  }
}

function isSubscribable<T>(result: RelayResult<T>): result is RelaySubscribable<T> {
  return (
    typeof result === 'object' &&
    result !== null &&
    'subscribe' in result &&
    typeof result.subscribe === 'function'
  );
}
