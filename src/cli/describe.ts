import { operationOfRecord } from '../core/record/key.js';
import type { RecordedStep } from '../core/record/record.js';
import type { Inspection } from '../core/record/record-admin.js';
import { bytes, duration, isoTime, moment } from './terminal/format.js';

/** A record that is there, and what was found in it. */
export type Found = Exclude<Inspection, { readonly state: 'absent' }>;

/** One sentence on what a state means, and what can be done. */
export function meaningOf(found: Inspection): string {
  switch (found.state) {
    case 'absent':
      return 'There is no such record. It expired, was never made, or has another service, prefix, scope, operation or key. If none of these is misspelled, the next request with this key runs the mutation.';
    case 'running':
      return 'A request is running it now. Wait until the request or its lease ends.';
    case 'released':
      return 'An attempt failed and released it. The next request runs the mutation again, as a further attempt.';
    case 'lapsed':
      return lapsedMeaning(found.onLapse);
    case 'unreadable':
      return 'The record is damaged, or was written by a newer version. Retries get IDEMPOTENCY_RESULT_UNAVAILABLE until it expires. Find out whether the mutation took effect. If it did not, "forget" the record.';
    case 'completed':
      return COMPLETED[found.status];
  }
}

function lapsedMeaning(onLapse: string): string {
  if (onLapse === 'rerun')
    return 'Its owner died. The next request runs it again (onCrash: RERUN).';
  if (onLapse === 'recover') return 'Its owner died. The next request asks the recover function.';
  return 'Its owner died without an outcome, and nobody knows whether it took effect. Retries get IDEMPOTENCY_OUTCOME_UNKNOWN. Look for the effect in your own data, then "settle" the record.';
}

const COMPLETED = {
  value: 'It has completed. Retries get its result.',
  error: 'It ended with an error that the resolver threw on purpose. Retries get the same error.',
  response: 'It has completed. Retries that select the same fields get the same response.',
  unavailable:
    'It was executed, but its result could not be kept. Retries get IDEMPOTENCY_RESULT_UNAVAILABLE.',
  failed:
    'It failed, and the mutation has onError: SEAL. Retries get IDEMPOTENCY_PREVIOUS_ATTEMPT_FAILED.',
} as const;

/** When the attempt began, in milliseconds: a fence is the time of its claim in microseconds. */
function claimedAtMs(found: { readonly fence: number }): number {
  return Math.floor(found.fence / 1_000);
}

/** A record as JSON, for programs. */
export function recordJson(recordId: string, found: Inspection): Record<string, unknown> {
  const about = { recordId, operation: operationOfRecord(recordId), state: found.state };
  switch (found.state) {
    case 'absent':
      return about;
    case 'unreadable':
      return { ...about, reason: found.reason };
    case 'completed':
      return {
        ...about,
        status: found.status,
        attempt: found.attempt,
        fence: found.fence,
        claimedAt: isoTime(claimedAtMs(found)),
        expiresAt: isoTime(found.expiresAtMs),
        outcomeBytes: found.payload.length,
      };
    default:
      return {
        ...about,
        attempt: found.attempt,
        fence: found.fence,
        claimedAt: isoTime(claimedAtMs(found)),
        expiresAt: isoTime(found.expiresAtMs),
        leaseMs: found.leaseMs,
        leaseRemainingMs: found.leaseRemainingMs ?? null,
        onLapse: found.onLapse,
        awaited: found.awaited,
        steps: [...found.steps].map(([name, step]) => ({ name, ...stepJson(step) })),
      };
  }
}

function stepJson({ state, payload }: RecordedStep): { state: string; bytes: number } {
  return { state, bytes: payload.length };
}

/** A record as named lines, for people. */
export function recordPairs(recordId: string, found: Found): (readonly [string, string])[] {
  const about = [
    ['record', recordId],
    ['operation', operationOfRecord(recordId) ?? ''],
    ['state', found.state === 'completed' ? `completed (${found.status})` : found.state],
  ] as const;
  if (found.state === 'unreadable') return [...about, ['reason', found.reason]];
  const { nowMs } = found;
  const times = [
    ['attempt', String(found.attempt)],
    ['claimed', moment(claimedAtMs(found), nowMs)],
    ['expires', moment(found.expiresAtMs, nowMs)],
  ] as const;
  if (found.state === 'completed') {
    return [...about, ...times, ['outcome', bytes(found.payload.length)]];
  }
  return [
    ...about,
    ...times,
    ['lease', leaseText(found)],
    ['if its owner dies', found.onLapse],
    ['awaited', found.awaited ? 'yes: a duplicate waits, or has waited' : 'no'],
    ...[...found.steps].map(
      ([name, step]) => [`step ${name}`, `${step.state}, ${bytes(step.payload.length)}`] as const,
    ),
  ];
}

function leaseText({
  leaseMs,
  leaseRemainingMs,
  state,
}: Extract<Found, { readonly leaseMs: number }>): string {
  const length = `${duration(leaseMs)} long`;
  if (state === 'released') return `given up; was ${length}`;
  if (leaseRemainingMs === undefined) return `over; was ${length}`;
  return leaseRemainingMs > 0
    ? `ends in ${duration(leaseRemainingMs)} unless renewed; ${length}`
    : `over for ${duration(-leaseRemainingMs)}; was ${length}`;
}
