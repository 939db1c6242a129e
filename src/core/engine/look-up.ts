import type { Attempt, Outcome } from './execute-request.js';

/** Asks `recover` what became of earlier attempts. Never rejects. */
export async function lookUp<T>(
  recover: (attempt: Attempt) => Promise<Outcome<T> | 'RERUN' | 'UNKNOWN'>,
  attempt: Attempt,
): Promise<Outcome<T> | { kind: 'rerun' } | { kind: 'unknown'; cause: unknown }> {
  try {
    const reply = await recover(attempt);
    if (reply === 'RERUN') return { kind: 'rerun' };
    return reply === 'UNKNOWN' ? { kind: 'unknown', cause: undefined } : reply;
  } catch (cause) {
    return { kind: 'unknown', cause };
  }
}
