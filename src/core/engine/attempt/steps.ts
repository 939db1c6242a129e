import { NotPlainError, placeText, UnfaithfulValueError } from '../../codec.js';
import { Deferred } from '../../async/deferred.js';
import { messageOf } from '../../values/message-of.js';
import type { Claim } from './claim.js';
import type { StepOptions } from './execution.js';
import {
  STEP_BYTES_MAX,
  STEP_NAME_LENGTH_MAX,
  STEPS_MAX,
  type RecordedStep,
} from '../../record/record.js';
import { refusals } from '../../refusals.js';
import type { StepReply, StepRequest } from '../../record/store.js';
import { refuseUnknownOptions, type OptionNames } from '../../values/unknown-options.js';
import { isWellFormed } from '../../values/well-formed.js';

const OPTION_NAMES: OptionNames<StepOptions> = Object.freeze({ atMostOnce: true });

/** Encodes and decodes the values of steps and transactions. */
export interface StepCodec {
  /**
   * @throws NotPlainError when the value has no data to keep; UnfaithfulValueError when it
   * is larger than `bytesMax`
   */
  encode(value: unknown, bytesMax: number): Uint8Array;
  /** @throws UnreadableValueError when the bytes cannot be read */
  decode(payload: Uint8Array): unknown;
}

/**
 * The steps of one attempt.
 *
 * Invariants: a step whose value is in the record does not run; an `atMostOnce` step runs only after its
 * mark is in the record. Both are written under the owner's claim, which is not given up while a step runs.
 */
export class Steps {
  readonly #claim: Claim;
  readonly #recorded: Map<string, RecordedStep>;
  readonly #used = new Set<string>();
  readonly #pending = new Set<Promise<void>>();
  /** Steps that have begun and not ended, by name. */
  readonly #running = new Map<string, Promise<void>>();
  #bytesLeft = STEP_BYTES_MAX;
  #hasEnded = false;

  constructor(claim: Claim) {
    this.#claim = claim;
    this.#recorded = new Map(claim.granted.steps);
    for (const { payload } of this.#recorded.values()) this.#bytesLeft -= payload.byteLength;
  }

  /** Implements `execution.step`. */
  async step<T>(name: string, run: () => T | Promise<T>, options?: StepOptions): Promise<T> {
    if (options !== undefined) refuseUnknownOptions('step', options, OPTION_NAMES);
    const { atMostOnce = false } = options ?? {};
    checkName(name);
    this.#refuseEnded(name);
    if (this.#used.has(name)) {
      throw new Error(`step: the name "${name}" was already used. Give each step its own.`);
    }
    this.#used.add(name);
    // A resolver that runs again may meet a step that its last run did not wait for.
    const running = this.#running.get(name);
    if (running !== undefined) {
      await running;
      this.#refuseEnded(name);
    }
    const ended = new Deferred<void>();
    this.#running.set(name, ended.promise);
    try {
      return await this.#recallOrRun(name, run, atMostOnce);
    } finally {
      this.#running.delete(name);
      ended.resolve();
    }
  }

  /** Resolves when no step is running. */
  async idle(): Promise<void> {
    while (this.#running.size > 0) await Promise.all(this.#running.values());
  }

  /** Prepares for another run of the resolver under the same claim, with the same names. */
  again(): void {
    this.#used.clear();
  }

  /** Stops new steps from starting. */
  end(): void {
    this.#hasEnded = true;
  }

  /** Resolves when every recorded step is stored or given up. */
  async settled(): Promise<void> {
    while (this.#pending.size > 0) await Promise.all(this.#pending);
  }

  #refuseEnded(name: string): void {
    if (this.#hasEnded) throw new Error(`step: the execution of "${name}" has ended.`);
  }

  async #recallOrRun<T>(name: string, run: () => T | Promise<T>, atMostOnce: boolean): Promise<T> {
    const { lease, request } = this.#claim;
    // The next effect belongs to the new owner.
    lease.throwIfLost();
    const known = this.#recorded.get(name);
    // An earlier attempt of the same code stored the value.
    if (known !== undefined) return this.#recall(name, known) as T;
    if (this.#recorded.size >= STEPS_MAX) {
      throw new RangeError(`step: an execution can have at most ${STEPS_MAX} steps.`);
    }
    if (atMostOnce) {
      this.#recorded.set(name, { state: 'started', payload: new Uint8Array() });
      await this.#mark(name);
    }
    let value: T;
    try {
      value = await run();
    } catch (error) {
      if (!atMostOnce) this.#used.delete(name);
      throw error;
    }
    const encoded = encodeStep(request.stepCodec, value, this.#bytesLeft);
    if (encoded.error !== undefined) this.#tellUnkept(name, encoded.error);
    // The step has run: a retry must not run it again, whatever its value.
    await this.#record(name, encoded.step);
    lease.throwIfLost();
    if (encoded.error instanceof NotPlainError) throw noData(name, encoded.error);
    // This attempt gets the value that a later one would get, so a loss in encoding shows at once.
    const { state, payload } = encoded.step;
    return (state === 'value' ? request.stepCodec.decode(payload) : value) as T;
  }

  #recall(name: string, { state, payload }: RecordedStep): unknown {
    if (state === 'started') throw refusals.stepUnknown(name);
    if (state === 'unavailable') throw refusals.stepUnavailable(name);
    try {
      return this.#claim.request.stepCodec.decode(payload);
    } catch (error) {
      throw refusals.stepUnavailable(name, error);
    }
  }

  async #mark(name: string): Promise<void> {
    const { context, lease } = this.#claim;
    const request = this.#requestOf(name, { state: 'started', payload: new Uint8Array() });
    try {
      this.#observe(await context.timeouts.limit(() => context.store.step(request)));
    } catch (error) {
      this.#storeFailure(error);
      throw refusals.stepNotStarted(name, error);
    }
    lease.throwIfLost();
  }

  /** If the store is unavailable, the write continues in the background: the step's effect has happened. */
  async #record(name: string, step: RecordedStep): Promise<void> {
    this.#recorded.set(name, step);
    this.#bytesLeft -= step.payload.byteLength;
    const { store, timeouts, writes } = this.#claim.context;
    const request = this.#requestOf(name, step);
    const send = (): Promise<StepReply> => store.step(request);
    const recorded = new Deferred<void>();
    this.#pending.add(recorded.promise);
    const settle = (): void => {
      this.#pending.delete(recorded.promise);
      recorded.resolve();
    };
    try {
      this.#observe(await timeouts.limit(send));
      settle();
    } catch (error) {
      this.#storeFailure(error);
      const onSuccess = (reply: StepReply): void => {
        this.#observe(reply);
        settle();
      };
      const onGivenUp = (latest: unknown): void => {
        this.#storeFailure(latest);
        settle();
      };
      writes.repeat({ essential: true, send, onSuccess, onGivenUp }, error);
    }
  }

  #requestOf(name: string, { state, payload }: RecordedStep): StepRequest {
    const { recordId, owner, leaseMs } = this.#claim.begin;
    const timeoutMs = this.#claim.context.storeTimeoutMs;
    return { recordId, owner, name, state, payload, leaseMs, timeoutMs };
  }

  #observe(reply: StepReply): void {
    if (reply === 'lost') this.#claim.lease.lose();
  }

  #storeFailure(error: unknown): void {
    const { operation, recordId } = this.#claim.request;
    this.#claim.emit({ type: 'storeFailure', operation, recordId, error });
  }

  #tellUnkept(name: string, error: unknown): void {
    const reason = `Step "${name}": ${messageOf(error)}`;
    const place = error instanceof UnfaithfulValueError ? error.place : [];
    this.#claim.emit({ type: 'unavailable', ...this.#claim.about, reason, place });
  }
}

/** A step as it is recorded; `error` says why its value cannot be. */
function encodeStep(
  codec: StepCodec,
  value: unknown,
  bytesMax: number,
): { readonly step: RecordedStep; readonly error?: unknown } {
  try {
    return { step: { state: 'value', payload: codec.encode(value, bytesMax) } };
  } catch (error) {
    return { step: { state: 'unavailable', payload: new Uint8Array() }, error };
  }
}

/** The error for a step whose value a later attempt could not get. */
function noData(name: string, error: NotPlainError): Error {
  const { found, place } = error;
  const at = place.length === 0 ? '' : ` at ${placeText(place)}`;
  return new Error(
    `step "${name}": its value contains ${found}${at}. Return the data that later code needs.`,
    { cause: error },
  );
}

function checkName(name: unknown): void {
  const fits = typeof name === 'string' && name.length > 0 && name.length <= STEP_NAME_LENGTH_MAX;
  if (fits && isWellFormed(name)) return;
  throw new RangeError(`step: the name must have 1 to ${STEP_NAME_LENGTH_MAX} characters.`);
}
