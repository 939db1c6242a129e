/** Advice before a client gives up a key whose request may have had an effect. */
const NEW_KEY_HINT =
  'A request with a new key is a new effect. Make sure first that the request with this key had none, ' +
  'or that another one is wanted.';

/**
 * Every code a client can meet, and what it means for a retry; a hint where a retry cannot succeed and a
 * new key would be one effect too many.
 */
export const IDEMPOTENCY_ERRORS = Object.freeze({
  IDEMPOTENCY_KEY_REQUIRED: { retryable: false, httpStatus: 400 },
  IDEMPOTENCY_KEY_INVALID: { retryable: false, httpStatus: 400 },
  IDEMPOTENCY_KEY_AMBIGUOUS: { retryable: false, httpStatus: 400 },
  IDEMPOTENCY_KEY_PARAMETER_MISMATCH: { retryable: false, httpStatus: 422, hint: NEW_KEY_HINT },
  IDEMPOTENCY_CONCURRENT_REQUEST: { retryable: true, httpStatus: 409 },
  IDEMPOTENCY_PREVIOUS_ATTEMPT_FAILED: { retryable: false, httpStatus: 409, hint: NEW_KEY_HINT },
  IDEMPOTENCY_OUTCOME_UNKNOWN: { retryable: true, httpStatus: 409 },
  IDEMPOTENCY_RESULT_UNAVAILABLE: { retryable: false, httpStatus: 409, hint: NEW_KEY_HINT },
  IDEMPOTENCY_STORE_UNAVAILABLE: { retryable: true, httpStatus: 503 },
  IDEMPOTENCY_SCOPE_REQUIRED: { retryable: false, httpStatus: 400 },
  IDEMPOTENCY_LIMIT_EXCEEDED: { retryable: false, httpStatus: 400 },
} as const);

/** The code of an {@link IdempotencyError}. */
export type IdempotencyErrorCode = keyof typeof IDEMPOTENCY_ERRORS;

const BRAND = Symbol.for('graphql-idempotency.error');

/** Details of an {@link IdempotencyError} beyond its code and message. */
export interface IdempotencyErrorOptions {
  /** When a retry makes sense, in milliseconds from now. */
  readonly retryAfterMs?: number;
  /** The cause, for logs; never sent to clients. */
  readonly cause?: unknown;
}

/**
 * A request that the library refused, or could not answer. Clients see it as a GraphQL error whose
 * `extensions` carry {@link code}, {@link retryable} and {@link retryAfterMs}.
 *
 * `instanceof` fails when two copies of the package are loaded; use {@link IdempotencyError.is}.
 */
export class IdempotencyError extends Error {
  override readonly name = 'IdempotencyError';
  /** The code, for programs; clients find it in `extensions.code`. */
  readonly code: IdempotencyErrorCode;
  /** Whether sending the same request again, with the same key, can succeed. */
  readonly retryable: boolean;
  /** When a retry makes sense, in milliseconds from now, if that is known. */
  readonly retryAfterMs: number | undefined;

  constructor(code: IdempotencyErrorCode, message: string, options: IdempotencyErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.retryable = IDEMPOTENCY_ERRORS[code].retryable;
    this.retryAfterMs = options.retryAfterMs;
    brandError(this);
  }

  /** Whether `value` is an error of this library, or a GraphQL error made from one. */
  static is(value: unknown): value is IdempotencyError {
    return typeof value === 'object' && value !== null && BRAND in value;
  }
}

/** Marks an error as this library's, for copies of the package that do not share its classes. */
export function brandError(error: Error): void {
  Object.defineProperty(error, BRAND, { value: true });
}
