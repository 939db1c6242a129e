import { systemClock } from '../../core/async/clock.js';
import type { Answer } from '../../core/engine/request.js';
import type { IdempotencyErrorCode } from '../../core/errors.js';
import type { Events, IdempotencyEvent } from '../../core/events.js';
import { operationOfRecord } from '../../core/record/key.js';
import { messageOf } from '../../core/values/message-of.js';
import type { OnUnsealed } from '../../core/crypto/sealed-store.js';
import type { FieldSpan } from '../../core/telemetry.js';
import type { FieldPlan } from '../schema/field-plan.js';

/** One request to a marked field, as events tell of it. */
export interface FieldRequest {
  readonly operation: string;
  readonly responseKey: string;
  /** Once it is known. */
  recordId: string | undefined;
  /** In the local clock. */
  readonly startedAt: number;
  /** The span of the field, if there is telemetry. */
  readonly span: FieldSpan | undefined;
}

/** Tells how a request ended; makes the event only for somebody who listens. */
export function tellEnding(
  { listener }: Events,
  { span }: FieldRequest,
  make: () => IdempotencyEvent,
): void {
  if (listener === undefined && span === undefined) return;
  const event = make();
  listener?.(event);
  span?.tell(event);
}

/** The event of a request without a key. */
export function missingKeyEvent({ operation, policy }: FieldPlan<never>): IdempotencyEvent {
  return { type: 'missingKey', operation, refused: policy.required };
}

/** The event of an answer. */
export function answerEvent(
  answer: Answer,
  { operation, recordId = '', startedAt }: FieldRequest,
): IdempotencyEvent {
  const { attempt, status } = answer.outcome;
  const durationMs = systemClock.now() - startedAt;
  const about = { operation, recordId, attempt, durationMs };
  if (answer.kind === 'replayed') return { type: 'replayed', ...about, waited: answer.waited };
  const outcome = status === 'failed' ? 'unavailable' : status;
  const type = answer.recovered ? 'recovered' : 'executed';
  return { type, ...about, outcome, stored: answer.stored };
}

/** The event of a refused request. */
export function rejectedEvent(
  code: IdempotencyErrorCode,
  { operation, recordId, startedAt }: Omit<FieldRequest, 'responseKey' | 'span'>,
): IdempotencyEvent {
  const durationMs = systemClock.now() - startedAt;
  return { type: 'rejected', operation, ...(recordId && { recordId }), code, durationMs };
}

/** Tells that something could not be encrypted, and is not kept. */
export function unsealedTeller(events: Events): OnUnsealed {
  return (request, error) => {
    const { recordId } = request;
    const operation = operationOfRecord(recordId) ?? '';
    const what = 'name' in request ? `Step "${request.name}"` : 'The result';
    const reason = `${what} could not be encrypted: ${messageOf(error)}`;
    const about = {
      operation,
      recordId,
      ...('attempt' in request && { attempt: request.attempt }),
    };
    events.listener?.({ type: 'unavailable', ...about, reason, place: [] });
  };
}
