import { types } from 'node:util';

/** The end of a resolver: a returned value, or a thrown error. */
export type Resolved =
  | { readonly kind: 'value'; readonly value: unknown }
  | { readonly kind: 'error'; readonly error: unknown };

/** The end of `call`. The executor treats a returned error as a thrown one, and so does this. */
export async function resolvedBy(call: () => unknown): Promise<Resolved> {
  try {
    return resolvedFrom(await call());
  } catch (error) {
    return { kind: 'error', error };
  }
}

/** A returned value as the executor takes it. */
export function resolvedFrom(value: unknown): Resolved {
  return isError(value) ? { kind: 'error', error: value } : { kind: 'value', value };
}

/** Returns or throws, as the resolver did. */
export function unwrap(resolved: Resolved): unknown {
  if (resolved.kind === 'error') throw resolved.error;
  return resolved.value;
}

function isError(value: unknown): value is Error {
  if (typeof value !== 'object' || value === null) return false;
  if (types.isNativeError(value)) return true;
  try {
    return value instanceof Error;
  } catch {
    // A Proxy that does not tell its prototype: the executor will meet the same.
    return false;
  }
}
