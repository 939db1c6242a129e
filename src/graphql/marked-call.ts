import { GraphQLError, type GraphQLResolveInfo } from 'graphql';
import { Deferred } from '../core/deferred.js';
import type { Answer } from '../core/engine/engine.js';
import { IdempotencyError } from '../core/errors.js';
import { refusals } from '../core/refusals.js';
import { CallReport } from './call-report.js';
import type { FieldRequest } from './field-events.js';
import type { MarkedOperation } from './marked-operation.js';
import type { PreparedField } from './prepared-schema.js';
import { executeRequestOf, refuseIfRequired, requestedRecord } from './record-request.js';
import { captureOf, recordedAnswer, type FieldPlace } from './recorded-answer.js';
import type { DoorCall } from './registry.js';
import { fieldKey } from './request-key.js';
import { ClaimedRun } from './result/claimed-run.js';
import type { ExecutedOperation } from './result/operation-result.js';
import { isNullable, type ReplayedResponse } from './result/replayed-response.js';
import { resolvedBy, unwrap, type Resolved } from './result/resolved.js';

type Replayed = Extract<Answer<Resolved>, { readonly kind: 'replayed' }>;

/**
 * One marked root field of one operation, from its outermost wrapper over the door inside of its
 * guards to the end of the execution.
 */
export class MarkedCall<TContext> {
  readonly #operation: MarkedOperation<TContext>;
  readonly #field: PreparedField<TContext>;
  readonly #responseKey: string;
  readonly #report: CallReport;
  /** Which of the wrappers around the resolver asked for the record. */
  #door: object | undefined;
  #info: GraphQLResolveInfo | undefined;
  #asked: FieldRequest | undefined;
  /** What the chain came to, once it has. */
  #chain: Resolved | undefined;
  /** The door's first answer, while it is being found. */
  #opening: Promise<unknown> | undefined;
  /** The run under this request's claim, until its outcome is kept. */
  #run: ClaimedRun | undefined;
  #answer: Promise<Answer<Resolved>> | undefined;
  /** The same, reported; refusals are errors for the client. */
  #ending: Promise<Answer<Resolved>> | undefined;
  #replayed: ReplayedResponse | undefined;
  #isOutdated = false;

  constructor(
    operation: MarkedOperation<TContext>,
    field: PreparedField<TContext>,
    responseKey: string,
  ) {
    this.#operation = operation;
    this.#field = field;
    this.#responseKey = responseKey;
    this.#report = new CallReport(operation, field, responseKey);
  }

  /** The record whose outcome waits for the end of the execution. */
  get openRecordId(): string | undefined {
    return this.#run?.isHandedOver === true ? this.#asked?.recordId : undefined;
  }

  /** Runs the whole chain of the field, from outside of everything. */
  async around(call: () => unknown): Promise<unknown> {
    const outer = await resolvedBy(call);
    this.#chain = outer;
    if (this.#replayed !== undefined) return unwrap(this.#pastExecutor(this.#replayed, outer));
    const run = this.#run;
    if (run === undefined) {
      if (this.#door === undefined && outer.kind === 'value') throw this.#report.unprotected();
      return unwrap(outer);
    }
    run.settle(outer);
    // The chain did not wait for its resolver; what comes of that is told without the client.
    if (run.isEarly && this.#answer === undefined) return unwrap(outer);
    const ending = this.#end();
    if (run.isEarly) return unwrap(outer);
    const first = await Promise.race([ending, run.handedOver]);
    // The executor goes on with what the chain returned, and `finish` keeps what it makes of that.
    if (first === 'handedOver') return unwrap(outer);
    this.#run = undefined;
    return unwrap(first.kind === 'executed' ? outer : this.#insteadOf(run, outer, first));
  }

  /** Asks for the record, inside of the guards, and runs the resolver if nobody has. */
  enter(door: object, call: DoorCall): Promise<unknown> {
    if (this.#door !== undefined && this.#door !== door) throw this.#report.wrappedTwice();
    this.#door = door;
    // A middleware that calls its `next` again, while the first call goes on or after it.
    if (this.#opening !== undefined) return this.#opening;
    if (this.#run !== undefined) return this.#run.run(call.info, call.next).then(unwrap);
    this.#info = call.info;
    const opening = this.#report
      .observed((asked) => this.#open(asked, call))
      .finally(() => {
        this.#opening = undefined;
      });
    this.#opening = opening;
    return opening;
  }

  /** The execution has ended; nothing of its result has been changed yet. */
  executed(executed: ExecutedOperation | undefined): void {
    this.#run?.end(executed);
  }

  /** Waits until the outcome is kept, and puts in what belongs to this field. */
  async finish(executed: ExecutedOperation | undefined): Promise<void> {
    if (this.#run !== undefined && !this.#run.isEarly) await this.#finishRun(executed);
    if (executed === undefined) return;
    this.#replayed?.fill(executed);
    if (this.#isOutdated && executed.errorsUnder(this.#responseKey).length > 0) {
      this.#refuse(refusals.unreadable(), executed);
    }
  }

  async #open(asked: FieldRequest, call: DoorCall): Promise<unknown> {
    this.#asked = asked;
    try {
      const { info, args } = call;
      const { headerKey } = this.#operation;
      const key = fieldKey(this.#field, info.fieldNodes, args, info.variableValues, headerKey);
      if (key !== undefined) return unwrap(await this.#claim(asked, key, call));
      this.#report.missedKey();
      refuseIfRequired(this.#field);
    } catch (error) {
      throw this.#report.refusalOf(error);
    }
    this.#report.endedUnprotected();
    return call.next();
  }

  /** Runs the resolver under a claim, or finds what the record holds. */
  async #claim(asked: FieldRequest, key: string, call: DoorCall): Promise<Resolved> {
    const { server, rawVariables } = this.#operation;
    const requested = requestedRecord(this.#field, server, key, call, rawVariables);
    const record = requested instanceof Promise ? await requested : requested;
    asked.recordId = record.recordId;
    this.#operation.refuseOpen(record.recordId);
    const run = new ClaimedRun({
      codec: this.#field.codec,
      capture: captureOf(this.#placeOf(call.info)),
      onUnkept: (error, attempt) => {
        server.tellUnkept(asked, error, attempt);
      },
    });
    this.#run = run;
    if (this.#chain !== undefined) run.settle(this.#chain);
    const inner = new Deferred<Resolved>();
    const trace = asked.span?.context;
    const parts = { field: this.#field, record, call, run, trace, entered: inner.resolve };
    const answer = server.engine.execute(executeRequestOf(parts));
    this.#answer = answer;
    if (run.isEarly) void this.#end();
    try {
      const first = await Promise.race([inner.promise, answer]);
      if (first.kind === 'value' || first.kind === 'error') return first;
      this.#run = undefined;
      return first.kind === 'replayed' ? this.#replay(first) : first.answer;
    } catch (error) {
      this.#run = undefined;
      throw error;
    }
  }

  #placeOf(info: GraphQLResolveInfo): FieldPlace {
    const { codec } = this.#field;
    return { operation: this.#operation, info, responseKey: this.#responseKey, codec };
  }

  /** How the engine ends the claimed execution, told to everybody who listens. */
  #end(): Promise<Answer<Resolved>> {
    const ending = (this.#answer as Promise<Answer<Resolved>>).then(
      (answer) => {
        if (answer.kind === 'executed') this.#report.answered(answer, answer.answer);
        return answer;
      },
      (error: unknown) => {
        throw this.#report.refusalOf(error);
      },
    );
    // Where the client has its answer, nobody waits for this one.
    ending.catch(() => undefined);
    this.#ending = ending;
    return ending;
  }

  async #finishRun(executed: ExecutedOperation | undefined): Promise<void> {
    try {
      const answer = await this.#ending;
      if (executed === undefined || answer?.kind !== 'replayed') return;
      this.#replay(answer);
      // A value could only be answered by another execution.
      if (this.#replayed === undefined) throw refusals.superseded();
    } catch (error) {
      // The client keeps the answer of an effect, whatever else went wrong.
      if (IdempotencyError.is(error) && executed !== undefined) this.#refuse(error, executed);
    } finally {
      this.#run = undefined;
    }
  }

  /** What another request's outcome says, in place of what this request's chain returned. */
  #insteadOf(run: ClaimedRun, outer: Resolved, answer: Replayed): Resolved {
    try {
      const resolved = this.#replay(answer);
      if (this.#replayed !== undefined) return this.#pastExecutor(this.#replayed, outer);
      // The chain has ended: what it would make of the other value is not known.
      if (!run.isUnchanged(outer)) throw refusals.superseded();
      return resolved;
    } catch (error) {
      throw this.#report.refusalOf(error);
    }
  }

  /** What the executor gets of a stored response; none of it, where a refusal came after. */
  #pastExecutor(replayed: ReplayedResponse, outer: Resolved): Resolved {
    const resolved = replayed.outer(outer, this.#operation.fieldResolverOf);
    if (resolved === outer) this.#replayed = undefined;
    return resolved;
  }

  /** What a record holds, for the caller of the door. */
  #replay(answer: Replayed): Resolved {
    const place = this.#placeOf(this.#info as GraphQLResolveInfo);
    const recorded = recordedAnswer(answer.outcome, place, (reason) => {
      this.#report.unreadable(reason);
    });
    if (recorded.trace !== undefined) this.#asked?.span?.link(recorded.trace);
    this.#replayed = recorded.response;
    this.#isOutdated = recorded.isOutdated;
    this.#report.answered(answer, recorded.resolved);
    return recorded.resolved;
  }

  /** Answers a field that has been executed with a refusal instead. */
  #refuse(refusal: IdempotencyError, executed: ExecutedOperation): void {
    const error = this.#report.refusalOf(refusal);
    if (!(error instanceof GraphQLError)) return;
    const path = [this.#responseKey];
    const extensions = { ...error.extensions };
    delete extensions['http'];
    const data = this.#info === undefined || isNullable(this.#info) ? null : undefined;
    const errors = [{ message: error.message, path, extensions }];
    executed.replace(this.#responseKey, { data, errors, http: [] });
  }
}
