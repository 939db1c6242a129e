import { IdempotencyError } from '../../core/errors.js';

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
    throw scopeRequired('threw an error', cause);
  }
  if (typeof value === 'string') return checkedScope(value);
  return Promise.resolve(value).then(checkedScope, (cause: unknown) => {
    throw scopeRequired('threw an error', cause);
  });
}

function checkedScope(value: unknown): string {
  if (typeof value === 'string' && value.length > 0 && value.length <= SCOPE_LENGTH_MAX) {
    return value;
  }
  throw scopeRequired(`returned ${describe(value)}`);
}

/** The type of a value, without its content, which may be confidential. */
function describe(value: unknown): string {
  switch (typeof value) {
    case 'string':
      return value === '' ? 'an empty string' : `more than ${String(SCOPE_LENGTH_MAX)} characters`;
    case 'undefined':
      return 'undefined';
    case 'object':
      if (value === null) return 'null';
      return Array.isArray(value) ? 'an array' : 'an object';
    default:
      return `a ${typeof value}`;
  }
}

function scopeRequired(what: string, cause?: unknown): IdempotencyError {
  return new IdempotencyError(
    'IDEMPOTENCY_SCOPE_REQUIRED',
    `The caller is not known, so an idempotency key cannot be used: scope ${what}, and should have ` +
      `returned a string of 1 to ${String(SCOPE_LENGTH_MAX)} characters. Nothing was executed.`,
    { cause },
  );
}
