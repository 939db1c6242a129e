import { GraphQLError, type GraphQLResolveInfo } from 'graphql';
import type { Answer } from '../../core/engine/request.js';
import { IdempotencyError } from '../../core/errors.js';
import { observe, type FieldSpan, type Telemetry } from '../../core/telemetry.js';
import {
  answerEvent,
  missingKeyEvent,
  rejectedEvent,
  tellEnding,
  type FieldRequest,
} from './field-events.js';
import type { FieldPlan } from '../schema/field-plan.js';
import { reportOf, type FieldReport } from './field-report.js';
import { toGraphQLError } from '../graphql-error.js';
import type { MarkedOperation } from './marked-operation.js';
import type { PreparedField } from '../schema/prepared-schema.js';
import type { FieldPlace } from './recorded-answer.js';
import type { Resolved } from '../result/resolved.js';
import type { ResultCodec } from '../result/result-codec.js';

/** A marked field of one operation: where it stands, and what clients, listeners and traces hear of it. */
export class CallReport implements FieldRequest, FieldPlace {
  readonly operation: string;
  readonly responseKey: string;
  readonly within: MarkedOperation<never>;
  readonly info: GraphQLResolveInfo;
  readonly codec: ResultCodec;
  recordId: string | undefined;
  startedAt = 0;
  span: FieldSpan | undefined;
  /** Set when the field is answered; the latest counts. */
  report: FieldReport | undefined;
  readonly #plan: FieldPlan<never>;

  constructor(
    within: MarkedOperation<never>,
    field: PreparedField<never>,
    info: GraphQLResolveInfo,
  ) {
    this.operation = field.operation;
    this.responseKey = String(info.path.key);
    this.within = within;
    this.info = info;
    this.codec = field.codec;
    this.#plan = field;
  }

  /** Runs what the field does as part of its trace. */
  observed<T>(telemetry: Telemetry, run: () => Promise<T>): Promise<T> {
    return observe(telemetry, this.operation, (span) => {
      this.span = span;
      return run();
    });
  }

  /** The field has been answered. */
  answered(answer: Answer, resolved: Resolved | undefined): void {
    this.report = reportOf(answer, resolved);
    tellEnding(this.within.server.events, this, () => answerEvent(answer, this));
    this.span?.end();
  }

  /** The field was called without a key. */
  missedKey(): void {
    tellEnding(this.within.server.events, this, () => missingKeyEvent(this.#plan));
  }

  /** The field runs without a key. */
  endedUnprotected(): void {
    this.span?.end();
  }

  /** The error that a client gets; a refusal is reported. */
  refusalOf(error: unknown): unknown {
    // Reported before, as the end of the claimed execution.
    if (error instanceof GraphQLError && IdempotencyError.is(error)) return error;
    if (!(error instanceof IdempotencyError)) {
      this.span?.end(error);
      return error;
    }
    const { server, settings } = this.within;
    this.report = { status: 'rejected' };
    tellEnding(server.events, this, () => rejectedEvent(error.code, this));
    this.span?.end(error);
    const http = settings.mapsHttpStatus ? 'mapped' : 'unset';
    return toGraphQLError(error, http, server.documentationUrl);
  }

  /** The outcome cannot be kept. */
  unkept(error: unknown, attempt: number): void {
    this.within.server.tellUnkept(this, error, attempt);
  }

  /** The record cannot be read. */
  unreadable(reason: string): void {
    const { operation, recordId = '' } = this;
    this.within.server.events.listener?.({ type: 'unreadable', operation, recordId, reason });
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
    this.within.server.events.listener?.({ type: 'unprotected', operation });
    return new Error(
      `${operation} is marked @idempotent, but what answered it had not asked for the record: its ` +
        'resolver was put in after idempotency had been applied, or something around it answered ' +
        'in its place. It may have run without protection.',
    );
  }
}
