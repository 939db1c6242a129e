import { GraphQLError, type GraphQLResolveInfo } from 'graphql';
import { systemClock } from '../../core/async/clock.js';
import type { Answer, Failed, Replayed } from '../../core/engine/request.js';
import { IdempotencyError } from '../../core/errors.js';
import { refusals } from '../../core/refusals.js';
import { CallReport } from './call-report.js';
import { ClaimedField } from './claimed-field.js';
import type { MarkedOperation } from './marked-operation.js';
import type { PreparedField } from '../schema/prepared-schema.js';
import { engineRequestOf, refuseIfRequired, requestedRecord } from '../request/record-request.js';
import { recordedAnswer } from './recorded-answer.js';
import type { DoorCall } from '../schema/registry.js';
import { fieldKey } from '../request/request-key.js';
import type { ExecutedOperation } from '../result/operation-result.js';
import { isNullable, type ReplayedResponse } from '../result/replayed-response.js';
import { resolvedBy, unwrap, type Resolved } from '../result/resolved.js';

/**
 * One marked root field of one operation, from its outermost wrapper over the door inside of its
 * guards to the end of the execution.
 */
export class MarkedCall<TContext> extends CallReport {
  readonly #field: PreparedField<TContext>;
  /** Which of the wrappers around the resolver asked for the record. */
  #door: object | undefined;
  /** The door's answer, while it is being found. */
  #opening: Promise<Resolved> | undefined;
  #claimed: ClaimedField | undefined;
  /** The result of the whole chain. */
  #outer: Resolved | undefined;
  #replayed: ReplayedResponse | undefined;
  #isOutdated = false;

  constructor(
    within: MarkedOperation<TContext>,
    field: PreparedField<TContext>,
    info: GraphQLResolveInfo,
  ) {
    super(within, field, info);
    this.#field = field;
  }

  /** The record whose outcome waits for the end of the execution. */
  get openRecordId(): string | undefined {
    return this.#claimed?.isHandedOver === true ? this.recordId : undefined;
  }

  /** Whether the end of the execution has to be known: for a response to be kept or put in. */
  get awaitsEnd(): boolean {
    return this.#claimed?.isHandedOver === true || this.#replayed !== undefined || this.#isOutdated;
  }

  /** Runs the whole chain of the field, from outside of everything. */
  around(call: () => unknown): Promise<unknown> {
    return this.#answerOf(resolvedBy(call));
  }

  /** Runs a field whose door is its whole chain. */
  direct(door: object, call: DoorCall): Promise<unknown> {
    this.#door = door;
    return this.#answerOf(this.#open(call));
  }

  /** Asks for the record, inside of the guards, and runs the resolver if nobody has. */
  async enter(door: object, call: DoorCall): Promise<unknown> {
    if (this.#door !== undefined && this.#door !== door) throw this.wrappedTwice();
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
    if (this.#isOutdated && executed.errorsUnder(this.responseKey).length > 0) {
      this.#refuse(refusals.unreadable(), executed);
    }
  }

  #open(call: DoorCall): Promise<Resolved> {
    this.startedAt = systemClock.now();
    const { telemetry } = this.within.server;
    return telemetry === undefined
      ? this.#answer(call)
      : this.observed(telemetry, () => this.#answer(call));
  }

  /** The answer to the caller of the door. Never rejects. */
  async #answer(call: DoorCall): Promise<Resolved> {
    const { info, args } = call;
    const { server, settings, request } = this.within;
    try {
      const key = fieldKey(
        this.#field,
        info.fieldNodes,
        args,
        info.variableValues,
        settings.headerKey,
      );
      if (key === undefined) {
        this.missedKey();
        refuseIfRequired(this.#field);
        this.endedUnprotected();
        return await resolvedBy(call.next);
      }
      const requested = requestedRecord(this.#field, server, key, call, request.variables);
      const record = requested instanceof Promise ? await requested : requested;
      this.recordId = record.recordId;
      this.within.refuseOpen(record.recordId);
      const begun = await server.engine.begin(engineRequestOf(this.#field, record, call));
      if (begun.kind === 'replayed') return this.#replay(begun);
      const claimed = new ClaimedField(begun, this);
      this.#claimed = claimed;
      if (this.#outer !== undefined) claimed.ranLate(this.#outer);
      return await claimed.run(call);
    } catch (error) {
      return this.#refused(error);
    }
  }

  /** Waits for the field's whole chain, and then for its outcome. @returns what the executor gets */
  async #answerOf(chain: Promise<Resolved>): Promise<unknown> {
    const outer = await chain;
    this.#outer = outer;
    if (this.#replayed !== undefined) return unwrap(this.#pastExecutor(this.#replayed, outer));
    if (this.#door === undefined && outer.kind === 'value') throw this.unprotected();
    const claimed = this.#claimed;
    const ending = claimed?.settle(outer);
    if (claimed === undefined || ending === undefined) return unwrap(outer);
    let resolved: Resolved;
    try {
      resolved = this.#ended(claimed, outer, await ending);
    } catch (error) {
      throw this.refusalOf(error);
    }
    return unwrap(resolved);
  }

  /** The claimed execution has ended. @returns what the executor gets */
  #ended(claimed: ClaimedField, outer: Resolved, ended: Answer | Failed): Resolved {
    if (ended.kind === 'failed') {
      const refused = this.#refused(ended.error);
      // A failure all the same: nothing is kept of what became of it.
      return claimed.turnedIntoValue(ended.error, outer) ? outer : refused;
    }
    if (ended.kind === 'replayed') return this.#insteadOf(claimed, outer, ended);
    this.answered(ended, outer);
    return outer;
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

  /** The answer from another request's outcome, in place of this request's chain. */
  #insteadOf(claimed: ClaimedField, outer: Resolved, answer: Replayed): Resolved {
    const resolved = this.#replay(answer);
    if (this.#replayed !== undefined) return this.#pastExecutor(this.#replayed, outer);
    // The chain has ended: what it would make of the other value is not known.
    if (!claimed.isUnchanged(outer)) throw refusals.superseded();
    return resolved;
  }

  /** The stored response for the executor; none of it after a later refusal. */
  #pastExecutor(replayed: ReplayedResponse, outer: Resolved): Resolved {
    const resolved = replayed.outer(outer);
    if (resolved === outer) this.#replayed = undefined;
    return resolved;
  }

  /** The content of a record, for the caller of the door. */
  #replay(answer: Replayed): Resolved {
    const recorded = recordedAnswer(answer.outcome, this, (reason) => {
      this.unreadable(reason);
    });
    if (recorded.trace !== undefined) this.span?.link(recorded.trace);
    this.#replayed = recorded.response;
    this.#isOutdated = recorded.isOutdated;
    const { response, resolved } = recorded;
    this.answered(answer, response?.isError === false ? undefined : resolved);
    return resolved;
  }

  #refused(error: unknown): Resolved {
    return { kind: 'error', error: this.refusalOf(error) };
  }

  /** Answers a field that has been executed with a refusal instead. */
  #refuse(refusal: IdempotencyError, executed: ExecutedOperation): void {
    const error = this.refusalOf(refusal);
    if (!(error instanceof GraphQLError)) return;
    const { responseKey, info } = this;
    const extensions = { ...error.extensions };
    delete extensions['http'];
    const data = isNullable(info) ? null : undefined;
    const errors = [{ message: error.message, path: [responseKey], extensions }];
    executed.replace(responseKey, { data, errors, http: [] });
  }
}
