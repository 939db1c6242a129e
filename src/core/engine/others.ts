import { IdempotencyError } from '../errors.js';
import type { ExecuteRequest } from './execute-request.js';
import type { EngineContext } from './context.js';
import type { StoredOutcome } from '../record/record.js';
import { refusals } from '../refusals.js';
import type { Executed, Superseded } from './ended.js';
import { waitUntilEnded, type Flight } from './waiting.js';

/** The record's outcome, whoever it was that ended so. */
export interface Replayed {
  readonly kind: 'replayed';
  readonly outcome: StoredOutcome;
  /** Whether the owner was still running when this request came. */
  readonly waited: boolean;
}

/** The answer to a request: this request's own execution, or the record's outcome. */
export type Answer<T> = Executed<T> | Replayed;

/** Gets requests the answers of other owners of their records. */
export interface Others {
  /**
   * Waits for the owner elsewhere.
   *
   * @returns its outcome, or `undefined` if it ended without one
   */
  wait(
    request: ExecuteRequest<unknown>,
    flight: Flight,
    waitUntil: number,
  ): Promise<Replayed | undefined>;
  /** The answer for a request that had its run and lost its claim. It never claims again. */
  afterLoss<T>(
    superseded: Superseded<T>,
    request: ExecuteRequest<T>,
    flight: Flight,
    waitUntil: number,
  ): Promise<Answer<T>>;
}

/** Creates the part of an engine that waits for others. */
export function createOthers({ store, clock, storeTimeoutMs, events }: EngineContext): Others {
  async function wait(
    { operation, recordId, fingerprint, policy }: ExecuteRequest<unknown>,
    flight: Flight,
    waitUntil: number,
  ): Promise<Replayed | undefined> {
    const startedAt = clock.now();
    const waitMs = waitUntil - startedAt;
    if (waitMs <= 0) throw refusals.concurrent(policy.leaseMs);
    const options = { store, clock, storeTimeoutMs, waitMs };
    const reply = await waitUntilEnded({ recordId, fingerprint }, options).catch(
      (error: unknown) => {
        events.listener?.({ type: 'storeFailure', operation, recordId, error });
        const refusal = (): IdempotencyError => refusals.storeUnavailable(error);
        flight.land({ kind: 'refused', refusal });
        throw refusal();
      },
    );
    const durationMs = clock.now() - startedAt;
    const ended = reply !== undefined;
    events.listener?.({ type: 'waited', operation, recordId, durationMs, ended });
    if (!ended) throw refusals.concurrent(policy.leaseMs);
    if (reply.kind !== 'completed') return undefined;
    flight.land({ kind: 'completed', outcome: reply.outcome, waited: true });
    return replay(reply.outcome, true);
  }

  async function afterLoss<T>(
    { outcome, error, completeAgain, unstoredAnswer }: Superseded<T>,
    request: ExecuteRequest<T>,
    flight: Flight,
    waitUntil: number,
  ): Promise<Answer<T>> {
    if (outcome !== undefined) return replay(outcome, false);
    let answered: Replayed | undefined;
    try {
      answered = await wait(request, flight, waitUntil);
    } catch (refusal) {
      // Nobody can say what the other's outcome is, but this one had an effect.
      const unstored = unstoredAnswer?.();
      if (unstored !== undefined && isAway(refusal)) return unstored;
      throw error !== undefined && isAway(refusal) ? error : refusal;
    }
    if (answered !== undefined) return answered;
    // The other left no outcome. If it gave the record back, this one's counts after all.
    const again = await completeAgain?.();
    if (again?.kind === 'executed') {
      flight.land({ kind: 'completed', outcome: again.outcome, waited: true });
      return again;
    }
    if (again?.kind === 'superseded' && again.outcome !== undefined) {
      return replay(again.outcome, true);
    }
    return raise(error ?? refusals.concurrent(request.policy.leaseMs));
  }

  return { wait, afterLoss };
}

/** The record's outcome as an answer. */
export function replay(outcome: StoredOutcome, waited: boolean): Replayed {
  if (outcome.status === 'unavailable') throw refusals.resultUnavailable();
  if (outcome.status === 'failed') throw refusals.sealed();
  return { kind: 'replayed', outcome, waited };
}

/** Whether a request was refused because the store could not be asked. */
function isAway(refusal: unknown): boolean {
  return IdempotencyError.is(refusal) && refusal.code === 'IDEMPOTENCY_STORE_UNAVAILABLE';
}

function raise(error: unknown): never {
  throw error;
}
