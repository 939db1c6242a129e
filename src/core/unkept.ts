import { UnfaithfulValueError } from './codec.js';
import { TimeoutError } from './timeout.js';

/** Why a value could not be kept. What a getter of it threw may be anything, and stays here. */
export function unkeptReason(error: unknown): string {
  const known = error instanceof UnfaithfulValueError || error instanceof TimeoutError;
  return known ? error.message : 'The result could not be read.';
}
