import { IdempotencyError } from '../core/errors.js';

const SCOPE_LENGTH_MAX = 1_024;

/**
 * The caller, as a promise only where the scope is one.
 *
 * @throws IdempotencyError `IDEMPOTENCY_SCOPE_REQUIRED` when it is not known
 */
export function scopeOf<TContext>(
  scope: (context: TContext) => unknown,
  context: TContext,
): string | Promise<string> {
  let value: unknown;
  try {
    value = scope(context);
  } catch (cause) {
    throw scopeRequired(cause);
  }
  if (typeof value === 'string') return checkedScope(value);
  return Promise.resolve(value).then(checkedScope, (cause: unknown) => {
    throw scopeRequired(cause);
  });
}

function checkedScope(value: unknown): string {
  if (typeof value === 'string' && value.length > 0 && value.length <= SCOPE_LENGTH_MAX) {
    return value;
  }
  throw scopeRequired();
}

function scopeRequired(cause?: unknown): IdempotencyError {
  return new IdempotencyError(
    'IDEMPOTENCY_SCOPE_REQUIRED',
    'The caller is not known, so an idempotency key cannot be used. Nothing was executed.',
    { cause },
  );
}
