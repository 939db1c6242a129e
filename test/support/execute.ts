import type { Engine } from '../../src/core/engine/engine.js';
import type { Execution } from '../../src/core/engine/attempt/execution.js';
import type {
  AttemptInfo,
  EngineRequest,
  Executed,
  Replayed,
} from '../../src/core/engine/request.js';
import type { OutcomeStatus } from '../../src/core/record/record.js';

/** An execution that ended with an outcome. */
export interface Outcome<T> {
  readonly kind: 'outcome';
  readonly status: Exclude<OutcomeStatus, 'failed'>;
  readonly payload: Uint8Array;
  /** The answer to its request. */
  readonly answer: T;
}

/** An execution that ended without one. */
export interface Failure {
  readonly kind: 'failure';
  readonly error: unknown;
  readonly declined: boolean;
}

/** A request, and the resolver that it has. */
export interface ExecuteRequest<T> extends Omit<EngineRequest<Outcome<T>>, 'recover'> {
  readonly run: (execution: Execution) => Promise<Outcome<T> | Failure>;
  readonly recover:
    ((attempt: AttemptInfo) => Promise<Outcome<T> | 'RERUN' | 'UNKNOWN'>) | undefined;
}

/** The answer to a request. */
export type Answer<T> = (Executed & { readonly answer: T }) | Replayed;

/** Takes a request through its engine, as a marked field does. */
export async function execute<T>(engine: Engine, request: ExecuteRequest<T>): Promise<Answer<T>> {
  const attempt = await engine.begin<Outcome<T>>(request);
  if (attempt.kind === 'replayed') return attempt;
  const ended = attempt.found ?? (await request.run(attempt.execution));
  if (ended.kind === 'outcome') {
    const answer = await attempt.complete(ended.status, ended.payload);
    return answer.kind === 'executed' ? { ...answer, answer: ended.answer } : answer;
  }
  const failed = await attempt.fail(ended.error, ended.declined);
  if (failed.kind === 'failed') throw failed.error;
  return failed;
}
