import { NotPlainError } from '../../core/codec.js';
import type { OutcomeStatus } from '../../core/record/record.js';
import type { ResultCodec } from './result-codec.js';
import { isPlainError } from './thrown-error.js';
import type { Verdict } from './verdict.js';

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
export function encodeOutcome(
  codec: ResultCodec,
  { resolved, outside }: Extract<Verdict, { kind: 'answer' }>,
): KeptOutcome {
  if (resolved.kind === 'value') {
    return { status: 'value', payload: codec.encodeValue(resolved.value) };
  }
  // On a replay, what stands outside would see and change it a second time.
  if (outside) throw new NotPlainError('an error that was made outside of the resolver');
  const { error } = resolved;
  if (!isPlainError(error)) throw new NotPlainError('an error of a class of its own');
  return { status: 'error', payload: codec.encodeError(error) };
}
