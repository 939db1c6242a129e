import { GraphQLError, type GraphQLResolveInfo } from 'graphql';
import type { Replayed } from '../core/engine/request.js';
import { IdempotencyError } from '../core/errors.js';
import { refusals } from '../core/refusals.js';
import { CallReport } from './call-report.js';
import { ClaimedField } from './claimed-field.js';
import type { MarkedOperation } from './marked-operation.js';
import type { PreparedField } from './prepared-schema.js';
import { engineRequestOf, refuseIfRequired, requestedRecord } from './record-request.js';
import { recordedAnswer, type FieldPlace } from './recorded-answer.js';
import type { DoorCall } from './registry.js';
import { fieldKey } from './request-key.js';
import type { ExecutedOperation } from './result/operation-result.js';
import { isNullable, type ReplayedResponse } from './result/replayed-response.js';
import { resolvedBy, unwrap, type Resolved } from './result/resolved.js';

/**
 * One marked root field of one operation, from its outermost wrapper over the door inside of its
 * guards to the end of the execution.
 */
export class MarkedCall<TContext> {
  readonly #operation: MarkedOperation<TContext>;
  readonly #field: PreparedField<TContext>;
  readonly #place: FieldPlace;
  readonly #report: CallReport;
  /** Which of the wrappers around the resolver asked for the record. */
  #door: object | undefined;
  /** The door's answer, while it is being found. */
  #opening: Promise<Resolved> | undefined;
  #claimed: ClaimedField | undefined;
  /** What the whole chain came to. */
  #outer: Resolved | undefined;
  #replayed: ReplayedResponse | undefined;
  #isOutdated = false;

  constructor(
    operation: MarkedOperation<TContext>,
    field: PreparedField<TContext>,
    info: GraphQLResolveInfo,
  ) {
    const responseKey = String(info.path.key);
    this.#operation = operation;
    this.#field = field;
    this.#place = { operation, info, responseKey, codec: field.codec };
    this.#report = new CallReport(operation, field, responseKey);
  }

  /** The record whose outcome waits for the end of the execution. */
  get openRecordId(): string | undefined {
    return this.#claimed?.isHandedOver === true ? this.#report.recordId : undefined;
  }

  /** Whether the end of the execution has to be known: for a response to be kept or put in. */
  get awaitsEnd(): boolean {
    return this.#claimed?.isHandedOver === true || this.#replayed !== undefined || this.#isOutdated;
  }

  /** Runs the whole chain of the field, from outside of everything. */
  async around(call: () => unknown): Promise<unknown> {
    return unwrap(await this.#settle(await resolvedBy(call)));
  }

  /** Runs a field whose door is its whole chain. */
  async direct(door: object, call: DoorCall): Promise<unknown> {
    this.#door = door;
    return unwrap(await this.#settle(await this.#open(call)));
  }

  /** Asks for the record, inside of the guards, and runs the resolver if nobody has. */
  async enter(door: object, call: DoorCall): Promise<unknown> {
    if (this.#door !== undefined && this.#door !== door) throw this.#report.wrappedTwice();
    this.#door = door;
    // A middleware may call its `next` again: while the first call goes on, or after it.
    if (this.#opening === undefined && this.#claimed !== undefined) {
      return unwrap(await this.#claimed.run(call));
    }
    this.#opening ??= this.#open(call);
    try {
      return unwrap(await this.#opening);
    } finally {
      this.#opening = undefined;
    }
  }

  /** The execution has ended; nothing of its result has been changed yet. */
  executed(executed: ExecutedOperation | undefined): void {
    this.#claimed?.capture(executed);
  }

  /** Waits until the outcome is kept, and puts in what belongs to this field. */
  async finish(executed: ExecutedOperation | undefined): Promise<void> {
    if (this.#claimed?.isHandedOver === true) await this.#keepResponse(this.#claimed, executed);
    if (executed === undefined) return;
    this.#replayed?.fill(executed);
    if (this.#isOutdated && executed.errorsUnder(this.#place.responseKey).length > 0) {
      this.#refuse(refusals.unreadable(), executed);
    }
  }

  #open(call: DoorCall): Promise<Resolved> {
    return this.#report.observed(() => this.#answer(call));
  }

  /** What the caller of the door gets. Never rejects. */
  async #answer(call: DoorCall): Promise<Resolved> {
    const { info, args } = call;
    const { server, headerKey, rawVariables } = this.#operation;
    try {
      const key = fieldKey(this.#field, info.fieldNodes, args, info.variableValues, headerKey);
      if (key === undefined) {
        this.#report.missedKey();
        refuseIfRequired(this.#field);
        this.#report.endedUnprotected();
        return await resolvedBy(call.next);
      }
      const requested = requestedRecord(this.#field, server, key, call, rawVariables);
      const record = requested instanceof Promise ? await requested : requested;
      this.#report.recordId = record.recordId;
      this.#operation.refuseOpen(record.recordId);
      const begun = await server.engine.begin(engineRequestOf(this.#field, record, call));
      if (begun.kind === 'replayed') return this.#replay(begun);
      const claimed = new ClaimedField(begun, this.#place, this.#report);
      this.#claimed = claimed;
      if (this.#outer !== undefined) claimed.ranLate(this.#outer);
      return await claimed.run(call);
    } catch (error) {
      return this.#refused(error);
    }
  }

  /** The whole chain has ended. @returns what the executor gets */
  async #settle(outer: Resolved): Promise<Resolved> {
    this.#outer = outer;
    if (this.#replayed !== undefined) return this.#pastExecutor(this.#replayed, outer);
    if (this.#door === undefined && outer.kind === 'value') {
      return { kind: 'error', error: this.#report.unprotected() };
    }
    const claimed = this.#claimed;
    if (claimed === undefined) return outer;
    try {
      const settling = claimed.settle(outer);
      if (settling === undefined) return outer;
      const ended = await settling;
      if (ended.kind === 'executed') return outer;
      return ended.kind === 'failed'
        ? this.#refused(ended.error)
        : this.#insteadOf(claimed, outer, ended);
    } catch (error) {
      return this.#refused(error);
    }
  }

  async #keepResponse(
    claimed: ClaimedField,
    executed: ExecutedOperation | undefined,
  ): Promise<void> {
    try {
      const answer = await claimed.keepResponse();
      if (executed === undefined || answer?.kind !== 'replayed') return;
      this.#replay(answer);
      // A value could only be answered by another execution.
      if (this.#replayed === undefined) throw refusals.superseded();
    } catch (error) {
      // The client keeps the answer of an effect, whatever else went wrong.
      if (IdempotencyError.is(error) && executed !== undefined) this.#refuse(error, executed);
    }
  }

  /** What another request's outcome says, in place of what this request's chain returned. */
  #insteadOf(claimed: ClaimedField, outer: Resolved, answer: Replayed): Resolved {
    const resolved = this.#replay(answer);
    if (this.#replayed !== undefined) return this.#pastExecutor(this.#replayed, outer);
    // The chain has ended: what it would make of the other value is not known.
    if (!claimed.isUnchanged(outer)) throw refusals.superseded();
    return resolved;
  }

  /** What the executor gets of a stored response; none of it, where a refusal came after. */
  #pastExecutor(replayed: ReplayedResponse, outer: Resolved): Resolved {
    const resolved = replayed.outer(outer);
    if (resolved === outer) this.#replayed = undefined;
    return resolved;
  }

  /** What a record holds, for the caller of the door. */
  #replay(answer: Replayed): Resolved {
    const recorded = recordedAnswer(answer.outcome, this.#place, (reason) => {
      this.#report.unreadable(reason);
    });
    if (recorded.trace !== undefined) this.#report.span?.link(recorded.trace);
    this.#replayed = recorded.response;
    this.#isOutdated = recorded.isOutdated;
    this.#report.answered(answer, recorded.resolved);
    return recorded.resolved;
  }

  #refused(error: unknown): Resolved {
    return { kind: 'error', error: this.#report.refusalOf(error) };
  }

  /** Answers a field that has been executed with a refusal instead. */
  #refuse(refusal: IdempotencyError, executed: ExecutedOperation): void {
    const error = this.#report.refusalOf(refusal);
    if (!(error instanceof GraphQLError)) return;
    const { responseKey, info } = this.#place;
    const extensions = { ...error.extensions };
    delete extensions['http'];
    const data = isNullable(info) ? null : undefined;
    const errors = [{ message: error.message, path: [responseKey], extensions }];
    executed.replace(responseKey, { data, errors, http: [] });
  }
}
