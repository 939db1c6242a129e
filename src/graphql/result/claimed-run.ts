import type { GraphQLError, GraphQLResolveInfo } from 'graphql';
import { NotPlainError, TooLargeError, UnfaithfulValueError } from '../../core/codec.js';
import { Deferred } from '../../core/deferred.js';
import type { Execution } from '../../core/engine/execution.js';
import { attachExecution } from '../registry.js';
import type { Failure, Outcome } from '../../core/engine/execute-request.js';
import type { ExecutedOperation } from './operation-result.js';
import { resolvedBy, type Resolved } from './resolved.js';
import { encodeResponse, type StoredResponse } from './response.js';
import type { ResultCodec } from './result-codec.js';
import { isPlainError } from './thrown-error.js';
import { verdictOf } from './verdict.js';

/** What a run under a claim is kept with. */
export interface RunSettings {
  readonly codec: ResultCodec;
  /**
   * Takes the field's response out of the result of the execution; `undefined` where nobody will see
   * that result.
   *
   * @throws UnfaithfulValueError when it cannot be kept
   */
  readonly capture: ((executed: ExecutedOperation) => StoredResponse) | undefined;
  /** Told why an outcome cannot be kept. */
  readonly onUnkept: (error: unknown, attempt: number) => void;
}

type Kept = Pick<Outcome<unknown>, 'status' | 'payload'>;

/**
 * One claimed execution of a marked field: the resolver runs, then what stands around it ends, then,
 * for results that are more than plain data, the execution.
 *
 * Invariant: nothing is kept before the field's whole chain has settled, and a response only when the
 * execution has ended.
 */
export class ClaimedRun {
  readonly #settings: RunSettings;
  readonly #settled = new Deferred<Resolved>();
  readonly #captured = new Deferred<Uint8Array>();
  readonly #handedOver = new Deferred<'handedOver'>();
  #execution: Execution | undefined;
  #again: (() => void) | undefined;
  #running: Promise<Resolved> | undefined;
  #inner: Resolved | undefined;
  #isEarly = false;
  #isHandedOver = false;

  constructor(settings: RunSettings) {
    this.#settings = settings;
    // Most runs are kept as values, and nobody asks for their response.
    this.#captured.promise.catch(() => undefined);
  }

  /** The claim is held: the resolver may run with this execution. */
  begin(execution: Execution, again: () => void): void {
    this.#execution = execution;
    this.#again = again;
  }

  /**
   * Runs the resolver. A middleware that calls it again while it runs gets the same run; afterwards,
   * as a transaction that is tried again does, another run under the same claim.
   */
  run(info: GraphQLResolveInfo, resolve: () => unknown): Promise<Resolved> {
    if (this.#execution !== undefined) attachExecution(info, this.#execution);
    if (this.#running === undefined && this.#inner !== undefined) this.#again?.();
    this.#running ??= resolvedBy(resolve).then((inner) => {
      this.#inner = inner;
      this.#running = undefined;
      return inner;
    });
    return this.#running;
  }

  /** What `recover` found stands for what the resolver would have done. */
  recovered(inner: Resolved): void {
    this.#inner = inner;
  }

  /** What stands around the resolver has ended as well. */
  settle(outer: Resolved): void {
    this.#isEarly = this.#running !== undefined || this.#inner === undefined;
    this.#settled.resolve(outer);
  }

  /** Whether the chain ended before its resolver, as behind a time limit. Known once it has settled. */
  get isEarly(): boolean {
    return this.#isEarly;
  }

  /** Whether what the resolver returned is what the chain did. */
  isUnchanged(outer: Resolved): boolean {
    const inner = this.#inner;
    return inner?.kind === 'value' && outer.kind === 'value' && inner.value === outer.value;
  }

  /** Whether the executor has to go on before the outcome can be kept. */
  get isHandedOver(): boolean {
    return this.#isHandedOver;
  }

  /** Resolves when the executor has to go on before the outcome can be kept. */
  get handedOver(): Promise<'handedOver'> {
    return this.#handedOver.promise;
  }

  /** The execution has ended: takes the response out of its result, if it has one. */
  end(executed: ExecutedOperation | undefined): void {
    const { capture, codec } = this.#settings;
    try {
      if (executed === undefined || capture === undefined) {
        throw new UnfaithfulValueError('was not captured: the execution gave no single result');
      }
      this.#captured.resolve(encodeResponse(capture(executed), codec.bytesMax));
    } catch (error) {
      this.#captured.reject(error);
    }
  }

  /** What the record of this attempt is to keep, as soon as that is known. Never rejects. */
  async outcome(attempt: number): Promise<Outcome<Resolved> | Failure> {
    const settled = await this.#settled.promise;
    const running = this.#running;
    if (running !== undefined) await running;
    const inner = this.#inner ?? settled;
    // Where the chain did not wait for its resolver, only the resolver tells what happened.
    const outer = this.#isEarly ? inner : settled;
    const verdict = verdictOf(inner, outer);
    if (verdict.kind === 'failure') return verdict;
    try {
      const kept = await this.#keep(verdict.resolved, verdict.outside);
      return { kind: 'outcome', ...kept, answer: outer };
    } catch (error) {
      this.#settings.onUnkept(error, attempt);
      return { kind: 'outcome', ...NOTHING, answer: outer };
    }
  }

  async #keep(resolved: Resolved, outside: boolean): Promise<Kept> {
    const { codec } = this.#settings;
    try {
      if (resolved.kind === 'value') {
        return { status: 'value', payload: codec.encodeValue(resolved.value) };
      }
      // On a replay, what stands outside would see and change it a second time.
      if (outside) throw new NotPlainError('an error that was made outside of the resolver');
      // The verdict has said that it is one.
      const error = resolved.error as GraphQLError;
      if (!isPlainError(error)) throw new NotPlainError('an error of a class of its own');
      return { status: 'error', payload: codec.encodeError(error) };
    } catch (error) {
      // Of what is too large, a response has only what was selected.
      if (!(error instanceof NotPlainError || error instanceof TooLargeError)) throw error;
      return { status: 'response', payload: await this.#response(error) };
    }
  }

  async #response(reason: UnfaithfulValueError): Promise<Uint8Array> {
    if (this.#settings.capture === undefined || this.#isEarly) throw reason;
    this.#isHandedOver = true;
    this.#handedOver.resolve('handedOver');
    return this.#captured.promise;
  }
}

const NOTHING: Kept = Object.freeze({ status: 'unavailable', payload: new Uint8Array() });
