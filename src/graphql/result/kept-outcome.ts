import { NotPlainError } from '../../core/codec.js';
import type { OutcomeStatus } from '../../core/record/record.js';
import type { Resolved } from './resolved.js';
import type { ResultCodec } from './result-codec.js';
import { isPlainError } from './thrown-error.js';

/** An outcome as a record keeps it. */
export interface KeptOutcome {
  readonly status: Exclude<OutcomeStatus, 'failed'>;
  readonly payload: Uint8Array;
}

/** Of an outcome that cannot be kept. */
export const NOTHING_KEPT: KeptOutcome = Object.freeze({
  status: 'unavailable',
  payload: new Uint8Array(),
});

/**
 * Encodes an outcome from which any selection can be answered.
 *
 * @throws NotPlainError or TooLargeError when only a response of it could be kept;
 * UnfaithfulValueError when nothing can be
 */
export function encodeOutcome(codec: ResultCodec, resolved: Resolved): KeptOutcome {
  if (resolved.kind === 'value') {
    return { status: 'value', payload: codec.encodeValue(resolved.value) };
  }
  const { error } = resolved;
  if (!isPlainError(error)) throw new NotPlainError('an error of a class of its own');
  return { status: 'error', payload: codec.encodeError(error) };
}
