import { GraphQLError } from 'graphql';
import { systemClock } from '../core/clock.js';
import type { Answer } from '../core/engine/engine.js';
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
export class CallReport {
  readonly #operation: MarkedOperation<never>;
  readonly #plan: FieldPlan<never>;
  readonly #responseKey: string;
  #asked: FieldRequest | undefined;

  constructor(operation: MarkedOperation<never>, plan: FieldPlan<never>, responseKey: string) {
    this.#operation = operation;
    this.#plan = plan;
    this.#responseKey = responseKey;
  }

  /** Runs what the field does as part of its trace, if there is one. */
  observed<T>(run: (asked: FieldRequest) => Promise<T>): Promise<T> {
    const startedAt = systemClock.now();
    const { operation } = this.#plan;
    const responseKey = this.#responseKey;
    const start = (span: FieldSpan | undefined): Promise<T> => {
      const asked = { operation, responseKey, recordId: undefined, startedAt, span };
      this.#asked = asked;
      return run(asked);
    };
    const { telemetry } = this.#operation.server;
    return telemetry ? observe(telemetry, operation, start) : start(undefined);
  }

  /** The field has been answered. */
  answered(answer: Answer<Resolved>, resolved: Resolved): void {
    const { server, reports } = this.#operation;
    reports.set(this.#responseKey, reportOf(answer, resolved));
    const asked = this.#asked;
    if (asked === undefined) return;
    tellEnding(server.events, asked, () => answerEvent(answer, asked));
    asked.span?.end();
  }

  /** The field was called without a key. */
  missedKey(): void {
    const asked = this.#asked;
    if (asked === undefined) return;
    tellEnding(this.#operation.server.events, asked, () => missingKeyEvent(this.#plan));
  }

  /** The field runs without a key. */
  endedUnprotected(): void {
    this.#asked?.span?.end();
  }

  /** What a client gets for an error; a refusal is reported. */
  refusalOf(error: unknown): unknown {
    // Reported before, as the end of the claimed execution.
    if (error instanceof GraphQLError && IdempotencyError.is(error)) return error;
    const asked = this.#asked;
    if (!(error instanceof IdempotencyError)) {
      asked?.span?.end(error);
      return error;
    }
    const { server, reports, mapsHttpStatus } = this.#operation;
    reports.set(this.#responseKey, { status: 'rejected' });
    if (asked !== undefined) {
      tellEnding(server.events, asked, () => rejectedEvent(error.code, asked));
      asked.span?.end(error);
    }
    return toGraphQLError(error, mapsHttpStatus ? 'mapped' : 'unset');
  }

  /** The record cannot be read. */
  unreadable(reason: string): void {
    const { operation } = this.#plan;
    const recordId = this.#asked?.recordId ?? '';
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
