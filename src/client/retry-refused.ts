import type { ApolloLink } from '@apollo/client/link';
import { defer, Observable, type Subscription } from 'rxjs';
import type { LinkSettings } from './link-options.js';
import { notify } from './notify.js';
import { retryableRefusal, retryableServerError, type Refusal } from './refusal.js';

/** An operation that carries its key. */
export interface KeyedOperation {
  readonly operation: ApolloLink.Operation;
  readonly key: string;
  /** Whether it may be sent again: everything it does has a key. */
  readonly repeatable: boolean;
}

type RetrySettings = Pick<
  LinkSettings,
  'attemptsMax' | 'retryForMs' | 'onRetry' | 'clock' | 'random'
>;

/** Where the server does not say when to come back. */
const BACKOFF_MS = { first: 250, most: 10_000 } as const;
const JITTER = 0.25;

/**
 * Sends an operation, and sends it again while the server refuses it with a retryable code, within
 * the bounds of the settings. The last refusal is passed on as it came. Unsubscribing, or aborting
 * `context.fetchOptions.signal`, ends a wait at once.
 */
export function sendUntilAnswered(
  { operation, key, repeatable }: KeyedOperation,
  forward: ApolloLink.ForwardFunction,
  settings: RetrySettings,
): Observable<ApolloLink.Result> {
  const { clock } = settings;
  return new Observable((observer) => {
    const giveUpAt = clock.now() + settings.retryForMs;
    const signal = signalOf(operation);
    let attempt = 0;
    let subscription: Subscription | undefined;
    let stopWaiting = (): void => undefined;

    function send(): void {
      attempt += 1;
      // Of one attempt, either everything is passed on or nothing.
      let passedOn = false;
      let refused = false;
      // The one before may still be open: not every link ends with its result.
      subscription?.unsubscribe();
      // A link that throws has to fail the operation, also from a timer.
      subscription = defer(() => forward(operation)).subscribe({
        next(result) {
          refused ||= !passedOn && waitToRetry(retryableRefusal(result));
          if (refused) return;
          passedOn = true;
          observer.next(result);
        },
        error(error) {
          refused ||= !passedOn && waitToRetry(retryableServerError(error));
          if (!refused) observer.error(error);
        },
        complete() {
          if (!refused) observer.complete();
        },
      });
    }

    /** Whether there will be another attempt. */
    function waitToRetry(refusal: Refusal | undefined): boolean {
      if (refusal === undefined || !repeatable || attempt >= settings.attemptsMax) return false;
      const afterMs = delayMs(refusal, attempt, settings.random);
      if (clock.now() + afterMs > giveUpAt || signal?.aborted === true) return false;
      const cancel = clock.schedule(afterMs, () => {
        stopWaiting();
        send();
      });
      const abort = (): void => {
        stopWaiting();
        observer.error(signal?.reason);
      };
      signal?.addEventListener('abort', abort, { once: true });
      stopWaiting = () => {
        cancel();
        signal?.removeEventListener('abort', abort);
      };
      // Last: a listener may unsubscribe or abort.
      notify(settings.onRetry, {
        operationName: operation.operationName,
        key,
        code: refusal.code,
        attempt,
        afterMs,
      });
      return true;
    }

    send();
    return () => {
      stopWaiting();
      subscription?.unsubscribe();
    };
  });
}

function signalOf(operation: ApolloLink.Operation): AbortSignal | undefined {
  const options: unknown = operation.getContext()['fetchOptions'];
  // By shape: React Native and some tests bring an AbortSignal of their own.
  const signal = (options as { signal?: AbortSignal | null } | undefined)?.signal;
  return typeof signal?.addEventListener === 'function' ? signal : undefined;
}

/** Never earlier than the server says. */
function delayMs({ retryAfterMs }: Refusal, attempt: number, random: () => number): number {
  const backoffMs = Math.min(BACKOFF_MS.first * 2 ** (attempt - 1), BACKOFF_MS.most);
  return Math.ceil((retryAfterMs ?? backoffMs) * (1 + jitterOf(random) * JITTER));
}

/** What an injected source of randomness gives, if it is what was asked for. */
function jitterOf(random: () => number): number {
  try {
    const value = random();
    return value >= 0 && value < 1 ? value : 0;
  } catch {
    return 0;
  }
}
