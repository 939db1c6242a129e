import { GraphQLError } from 'graphql';
import { systemClock } from '../core/clock.js';
import type { Answer } from '../core/engine/request.js';
import { IdempotencyError } from '../core/errors.js';
import { observe, type FieldSpan } from '../core/telemetry.js';
import {
  answerEvent,
  missingKeyEvent,
  rejectedEvent,
  tellEnding,
  type FieldRequest,
} from './field-events.js';
import type { FieldPlan } from './field-plan.js';
import { reportOf } from './field-report.js';
import { toGraphQLError } from './graphql-error.js';
import type { MarkedOperation } from './marked-operation.js';
import type { Resolved } from './result/resolved.js';

/** Tells clients, listeners and traces what became of one marked field. */
export class CallReport implements FieldRequest {
  readonly operation: string;
  readonly responseKey: string;
  recordId: string | undefined;
  startedAt = 0;
  span: FieldSpan | undefined;
  readonly #operation: MarkedOperation<never>;
  readonly #plan: FieldPlan<never>;

  constructor(operation: MarkedOperation<never>, plan: FieldPlan<never>, responseKey: string) {
    this.operation = plan.operation;
    this.responseKey = responseKey;
    this.#operation = operation;
    this.#plan = plan;
  }

  /** Runs what the field does as part of its trace, if there is one. */
  observed<T>(run: () => Promise<T>): Promise<T> {
    this.startedAt = systemClock.now();
    const { telemetry } = this.#operation.server;
    if (telemetry === undefined) return run();
    return observe(telemetry, this.operation, (span) => {
      this.span = span;
      return run();
    });
  }

  /** The field has been answered. */
  answered(answer: Answer, resolved: Resolved | undefined): void {
    const { server, reports } = this.#operation;
    reports.set(this.responseKey, reportOf(answer, resolved));
    tellEnding(server.events, this, () => answerEvent(answer, this));
    this.span?.end();
  }

  /** The field was called without a key. */
  missedKey(): void {
    tellEnding(this.#operation.server.events, this, () => missingKeyEvent(this.#plan));
  }

  /** The field runs without a key. */
  endedUnprotected(): void {
    this.span?.end();
  }

  /** What a client gets for an error; a refusal is reported. */
  refusalOf(error: unknown): unknown {
    // Reported before, as the end of the claimed execution.
    if (error instanceof GraphQLError && IdempotencyError.is(error)) return error;
    if (!(error instanceof IdempotencyError)) {
      this.span?.end(error);
      return error;
    }
    const { server, reports, mapsHttpStatus } = this.#operation;
    reports.set(this.responseKey, { status: 'rejected' });
    tellEnding(server.events, this, () => rejectedEvent(error.code, this));
    this.span?.end(error);
    return toGraphQLError(error, mapsHttpStatus ? 'mapped' : 'unset', server.documentationUrl);
  }

  /** The outcome cannot be kept. */
  unkept(error: unknown, attempt: number): void {
    this.#operation.server.tellUnkept(this, error, attempt);
  }

  /** The record cannot be read. */
  unreadable(reason: string): void {
    const { operation, recordId = '' } = this;
    this.#operation.server.events.listener?.({ type: 'unreadable', operation, recordId, reason });
  }

  /** The outer door would sit outside of guards, and the inner one wait for the outer's claim. */
  wrappedTwice(): Error {
    return new Error(
      `${this.#plan.operation} does not run, because its resolver was already wrapped in the schema ` +
        'that it was taken from. Call applyIdempotency on that schema before you take its resolvers.',
    );
  }

  /** The field was answered by something that had not asked for the record. @returns the error */
  unprotected(): Error {
    const { operation } = this.#plan;
    this.#operation.server.events.listener?.({ type: 'unprotected', operation });
    return new Error(
      `${operation} is marked @idempotent, but what answered it had not asked for the record: its ` +
        'resolver was put in after idempotency had been applied, or something around it answered ' +
        'in its place. It may have run without protection.',
    );
  }
}
