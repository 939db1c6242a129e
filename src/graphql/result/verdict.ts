import type { ErrorMeaning } from '../schema/registry.js';
import { isDeclined, isOnPurpose } from './thrown-error.js';
import type { Resolved } from './resolved.js';

/** The result of a field's whole chain. */
export type Verdict =
  | {
      readonly kind: 'answer';
      /** The end that the record keeps: the resolver's own, unless something outside made an answer. */
      readonly resolved: Resolved;
      /** The answer is an error that was made outside of the resolver. */
      readonly outside: boolean;
    }
  | {
      readonly kind: 'failure';
      readonly error: unknown;
      /** The resolver turned the request down. */
      readonly declined: boolean;
    };

/**
 * The result of the resolver's end and of the end of everything around it, as the executor sees it.
 *
 * - The chain returned: the resolver's end counts. A replay goes through the same chain again, so that
 *   whatever it makes of a result, or of an error, it makes of the recorded one.
 * - The chain threw what the resolver had thrown: the same.
 * - The chain threw something else: an error that is an answer counts as it is. Anything else is a
 *   failure, a refusal such as FORBIDDEN included, since the resolver had run.
 *
 * @param meaning - what the resolver's error means to its framework. Where that says that the request
 * was turned down, nothing that is made of the error outside is an answer
 */
export function verdictOf(
  inner: Resolved,
  outer: Resolved,
  meaning: ErrorMeaning | undefined,
): Verdict {
  if (inner.kind === 'error' && meaning === 'declined') {
    return {
      kind: 'failure',
      error: outer.kind === 'error' ? outer.error : inner.error,
      declined: true,
    };
  }
  const outside = outer.kind === 'error' && (inner.kind === 'value' || inner.error !== outer.error);
  const resolved = outside ? outer : inner;
  const isAnswer = !outside && meaning === 'answer';
  if (isAnswer || resolved.kind === 'value' || isOnPurpose(resolved.error)) {
    return { kind: 'answer', resolved, outside };
  }
  const declined = inner.kind === 'error' && isDeclined(inner.error);
  return { kind: 'failure', error: resolved.error, declined };
}
