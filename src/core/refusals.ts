import { IdempotencyError } from './errors.js';

/** All refusals of the engine. Their messages are for clients, and reveal nothing about the server. */
export const refusals = Object.freeze({
  mismatch: () =>
    new IdempotencyError(
      'IDEMPOTENCY_KEY_PARAMETER_MISMATCH',
      'This idempotency key was used with other arguments. A deploy that changed a default value can ' +
        'cause this too. A new key is a new request, with an effect of its own.',
    ),
  concurrent: (retryAfterMs: number) =>
    new IdempotencyError(
      'IDEMPOTENCY_CONCURRENT_REQUEST',
      'A request with this idempotency key is still running. Retry with the same key later.',
      { retryAfterMs: Math.min(retryAfterMs, 1_000) },
    ),
  outcomeUnknown: (cause?: unknown) =>
    new IdempotencyError(
      'IDEMPOTENCY_OUTCOME_UNKNOWN',
      'An earlier request with this idempotency key was interrupted, and nobody can tell whether ' +
        'it took effect. It was not repeated. Check before sending it with a new key.',
      { cause },
    ),
  sealed: (cause?: unknown) =>
    new IdempotencyError(
      'IDEMPOTENCY_PREVIOUS_ATTEMPT_FAILED',
      'A request with this idempotency key failed, and this mutation is not repeated after a ' +
        'failure. Use a new key to try it again.',
      { cause },
    ),
  resultUnavailable: () =>
    new IdempotencyError(
      'IDEMPOTENCY_RESULT_UNAVAILABLE',
      'The request with this idempotency key was executed, but its result could not be kept. ' +
        'It was not repeated.',
    ),
  otherSelection: () =>
    new IdempotencyError(
      'IDEMPOTENCY_RESULT_UNAVAILABLE',
      'The request with this idempotency key was executed, and its answer can only be repeated for ' +
        'the fields that were selected then. It was not repeated: send the same document and variables.',
    ),
  superseded: () =>
    new IdempotencyError(
      'IDEMPOTENCY_CONCURRENT_REQUEST',
      'Another request with this idempotency key has been answered in the meantime. Retry with the ' +
        'same key to get its answer.',
      { retryAfterMs: 0 },
    ),
  unreadable: (cause?: unknown) =>
    new IdempotencyError(
      'IDEMPOTENCY_RESULT_UNAVAILABLE',
      'The record of this idempotency key cannot be read. The request was not executed.',
      { cause },
    ),
  stepUnknown: (name: string) =>
    new IdempotencyError(
      'IDEMPOTENCY_OUTCOME_UNKNOWN',
      `An earlier attempt of this request was interrupted in its step "${name}", and nobody can ` +
        'tell whether that took effect. It was not repeated.',
    ),
  stepUnavailable: (name: string, cause?: unknown) =>
    new IdempotencyError(
      'IDEMPOTENCY_RESULT_UNAVAILABLE',
      `An earlier attempt of this request ran its step "${name}", but the result of that could ` +
        'not be kept. It was not repeated.',
      { cause },
    ),
  stepNotStarted: (name: string, cause: unknown) =>
    new IdempotencyError(
      'IDEMPOTENCY_STORE_UNAVAILABLE',
      `The step "${name}" of this request could not be recorded and did not run. Retry with the ` +
        'same key.',
      { cause, retryAfterMs: 1_000 },
    ),
  commitUnknown: (cause: unknown) =>
    new IdempotencyError(
      'IDEMPOTENCY_OUTCOME_UNKNOWN',
      'The database did not say whether this request was committed, and could not be asked since. ' +
        'Retry with the same key: it is not repeated if it was.',
      { cause, retryAfterMs: 1_000 },
    ),
  transactionUnavailable: (name: string, cause: unknown) =>
    new IdempotencyError(
      'IDEMPOTENCY_RESULT_UNAVAILABLE',
      `The transaction "${name}" of this request was committed, but its outcome cannot be read. ` +
        'It was not repeated.',
      { cause },
    ),
  storeUnavailable: (cause: unknown) =>
    new IdempotencyError(
      'IDEMPOTENCY_STORE_UNAVAILABLE',
      'Idempotency keys cannot be checked at the moment. This request did nothing; whether an ' +
        'earlier one with the same key did is not known. Retry it with the same key.',
      { cause, retryAfterMs: 1_000 },
    ),
});
