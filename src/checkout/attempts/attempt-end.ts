import { idempotencyReports } from '../../client/index.js';
import { ResponseLost } from '../faults/unreliable-fetch.js';
import type { AttemptEnd } from './attempt-log.js';

/** The part of an answer that says how its attempt went. */
interface Answer {
  readonly errors?: readonly { readonly extensions?: Readonly<Record<string, unknown>> }[];
  readonly extensions?: unknown;
}

/** The end of an attempt that was answered. */
export function endOfAnswer(answer: Answer): AttemptEnd {
  const report = idempotencyReports(answer)['createPayment'];
  const code: unknown = answer.errors?.[0]?.extensions?.['code'];
  const ran = report?.status === 'executed' || report?.status === 'replayed';
  return {
    state: ran ? report.status : 'rejected',
    ...(report?.waited === true && { waited: true }),
    ...(report?.stored === false && { unstored: true }),
    ...(typeof code === 'string' && { code }),
  };
}

/** The end of an attempt without an answer. */
export function endOfError(error: unknown): AttemptEnd {
  return { state: error instanceof ResponseLost ? 'lost' : 'failed' };
}
