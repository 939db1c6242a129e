import { NotPlainError, TooLargeError, UnfaithfulValueError } from '../../core/codec.js';
import type { Attempt } from '../../core/engine/attempt/attempt.js';
import type { Answer, Failed } from '../../core/engine/request.js';
import { withTrace } from '../../core/trace-context.js';
import type { CallReport } from './call-report.js';
import { captureOf, seesResult } from './recorded-answer.js';
import { attachExecution, type DoorCall } from '../schema/registry.js';
import { encodeOutcome, NOTHING_KEPT, type KeptOutcome } from '../result/kept-outcome.js';
import type { ExecutedOperation } from '../result/operation-result.js';
import { resolvedFrom, type Resolved } from '../result/resolved.js';
import { encodeResponse } from '../result/response.js';
import { verdictOf, type Verdict } from '../result/verdict.js';

type FailureVerdict = Extract<Verdict, { kind: 'failure' }>;

/**
 * The claimed execution of a marked field: its resolver runs, then what stands around it ends, then,
 * for results that are more than plain data, the execution of the operation.
 *
 * Invariant: nothing is kept before the field's whole chain has settled, and a response only when the
 * execution has ended.
 */
export class ClaimedField {
  readonly #attempt: Attempt<Resolved>;
  readonly #call: CallReport;
  #meaningOf: DoorCall['meaningOf'];
  /** A resolver that throws at once has ended before there is a promise of it. */
  #isRunning = false;
  #running: Promise<Resolved> | undefined;
  /** The end of the resolver's latest run. */
  #inner: Resolved | undefined;
  /** The encoded form that it had then, or why it has none. */
  #encoded: KeptOutcome | { readonly error: unknown } = NOTHING_KEPT;
  /** The end of the whole chain. */
  #outer: Resolved | undefined;
  #kept: KeptOutcome | undefined;
  #isHandedOver = false;

  constructor(attempt: Attempt<Resolved>, call: CallReport) {
    this.#attempt = attempt;
    this.#call = call;
  }

  /** Whether the response is to be kept, once the execution has ended. */
  get isHandedOver(): boolean {
    return this.#isHandedOver;
  }

  /**
   * Runs the resolver, or takes what `recover` has found. A middleware that calls it again while it
   * runs gets the same run; afterwards, as a transaction that is tried again does, another one.
   */
  run(call: DoorCall): Promise<Resolved> {
    const { found } = this.#attempt;
    if (found !== undefined && this.#inner === undefined) this.#resolve(found);
    if (this.#isRunning && this.#running !== undefined) return this.#running;
    if (this.#inner !== undefined) {
      // Once the chain has ended, no run would count.
      if ((found ?? this.#outer) !== undefined) return Promise.resolve(this.#inner);
      this.#attempt.again();
    }
    this.#meaningOf = call.meaningOf;
    this.#isRunning = true;
    this.#running = this.#runResolver(call);
    return this.#running;
  }

  /** The chain had ended before the record was claimed. */
  ranLate(outer: Resolved): void {
    this.#outer = outer;
  }

  /**
   * Ends the attempt when the field's whole chain has ended.
   *
   * @returns `undefined` if the attempt goes on: the executor has to see the result first, or the chain
   * did not wait for its resolver, as behind a time limit
   * @throws IdempotencyError when another request had taken over and its outcome cannot be given
   */
  settle(outer: Resolved): Promise<Answer | Failed> | undefined {
    this.#outer = outer;
    const inner = this.#inner;
    if (inner === undefined || this.#isRunning) return undefined;
    const end = this.#judge(inner, outer, true);
    return this.#isHandedOver ? undefined : this.#end(end);
  }

  /** Whether what the resolver returned is what the chain did. */
  isUnchanged(outer: Resolved): boolean {
    const inner = this.#inner;
    if (inner === outer) return true;
    return inner?.kind === 'value' && outer.kind === 'value' && inner.value === outer.value;
  }

  /** Whether the chain has made a value of the error that the resolver threw. */
  turnedIntoValue(error: unknown, outer: Resolved): boolean {
    return outer.kind === 'value' && this.#inner?.kind === 'error' && this.#inner.error === error;
  }

  /** The execution has ended, and its result has not been changed yet: takes the response out of it. */
  capture(executed: ExecutedOperation | undefined): void {
    if (!this.#isHandedOver) return;
    try {
      const capture = captureOf(this.#call);
      if (executed === undefined || capture === undefined || this.#outer === undefined) {
        throw new UnfaithfulValueError('was not captured: the execution gave no single result');
      }
      const payload = encodeResponse(capture(executed, this.#outer), this.#call.codec.bytesMax);
      this.#kept = { status: 'response', payload };
    } catch (error) {
      this.#kept = this.#unkept(error);
    }
  }

  /** Keeps the captured response. @returns the answer; @throws as {@link ClaimedField.settle} does */
  async keepResponse(): Promise<Answer | undefined> {
    if (this.#kept === undefined) return undefined;
    const answer = await this.#complete(this.#kept);
    if (answer.kind === 'executed') this.#call.answered(answer, this.#outer);
    return answer;
  }

  async #runResolver({ info, next }: DoorCall): Promise<Resolved> {
    attachExecution(info, this.#attempt);
    let inner: Resolved;
    try {
      inner = resolvedFrom(await next());
    } catch (error) {
      inner = { kind: 'error', error };
    }
    this.#resolve(inner);
    this.#isRunning = false;
    this.#running = undefined;
    if (this.#outer !== undefined) await this.#endEarly(inner);
    return inner;
  }

  /** The resolver has ended; nothing around it has seen its end yet. */
  #resolve(inner: Resolved): void {
    this.#inner = inner;
    try {
      this.#encoded = encodeOutcome(this.#call.codec, inner);
    } catch (error) {
      this.#encoded = { error };
    }
  }

  /**
   * The end of the resolver in its encoded form.
   *
   * @throws NotPlainError when something around it has changed it in place: a replay would go through the
   * same chain, and nobody knows whether that would change it once more, or whether it was changed once,
   * as by the commit that gave a row its id
   */
  #encodeInner(inner: Resolved, outer: Resolved): KeptOutcome {
    const before = this.#encoded;
    if ('error' in before) throw before.error;
    // Nothing stands around a resolver whose end is the end of the chain.
    if (inner === outer) return before;
    const now = encodeOutcome(this.#call.codec, inner);
    if (Buffer.compare(now.payload, before.payload) === 0) return now;
    throw new NotPlainError('what something around the resolver has changed in place');
  }

  /** Only the resolver tells what happened, and nobody waits for this. */
  async #endEarly(inner: Resolved): Promise<void> {
    try {
      const ended = await this.#end(this.#judge(inner, inner, false));
      if (ended.kind === 'failed') this.#call.refusalOf(ended.error);
      else if (ended.kind === 'executed') this.#call.answered(ended, inner);
    } catch (error) {
      this.#call.refusalOf(error);
    }
  }

  #end(end: KeptOutcome | FailureVerdict): Promise<Answer | Failed> {
    return 'declined' in end ? this.#attempt.fail(end.error, end.declined) : this.#complete(end);
  }

  #complete({ status, payload }: KeptOutcome): Promise<Answer> {
    const trace = this.#call.span?.context;
    const isTraced = trace !== undefined && payload.length > 0;
    return this.#attempt.complete(status, isTraced ? withTrace(payload, trace) : payload);
  }

  /**
   * The outcome for the record, unless the end of the execution decides it. Never throws: the resolver
   * has run, and whatever its errors and values do when they are looked at, the attempt ends.
   *
   * @param isWaiting - whether the executor waits for the chain, and so goes on after it
   */
  #judge(inner: Resolved, outer: Resolved, isWaiting: boolean): KeptOutcome | FailureVerdict {
    try {
      const meaning = inner.kind === 'error' ? this.#meaningOf?.(inner.error) : undefined;
      const verdict = verdictOf(inner, outer, meaning);
      if (verdict.kind === 'failure') return verdict;
      // On a replay, what stands outside would see and change it a second time.
      if (verdict.outside) {
        throw new NotPlainError('an error that was made outside of the resolver');
      }
      return this.#encodeInner(inner, outer);
    } catch (error) {
      // Of what is too large, a response has only what was selected.
      const hasResponse = error instanceof NotPlainError || error instanceof TooLargeError;
      if (!isWaiting || !hasResponse || !seesResult(this.#call)) return this.#unkept(error);
      if (this.#call.within.hasEnded) {
        const problem = 'was not captured: the execution ended before the mutation did';
        return this.#unkept(new UnfaithfulValueError(problem));
      }
      this.#isHandedOver = true;
      return NOTHING_KEPT;
    }
  }

  #unkept(error: unknown): KeptOutcome {
    this.#call.unkept(error, this.#attempt.granted.attempt);
    return NOTHING_KEPT;
  }
}
