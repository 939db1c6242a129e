import { IdempotencyError } from '../../errors.js';
import type { OutcomeStatus, StoredOutcome } from '../../record/record.js';
import type { Claimed, CompleteReply, ReleaseMode } from '../../record/store.js';
import { refusals } from '../../refusals.js';
import type { BeginCall } from '../begin-call.js';
import { Claim } from './claim.js';
import type { EngineContext } from '../context.js';
import { replayed, waitForOutcome } from '../duplicates.js';
import type { Execution } from './execution.js';
import { AttemptHandle, ExecutionHandle } from './execution-handle.js';
import type { AttemptInfo, EngineRequest, Executed, Failed, Replayed } from '../request.js';
import type { Flight } from '../single-flight.js';
import { Units } from '../units.js';

const NO_BYTES = new Uint8Array();

/**
 * One claimed execution, from its claim to its end.
 *
 * Invariant: the holder of an attempt ends it once, by `complete`, `fail` or `withdraw`. Until then its
 * lease is renewed, and duplicates and a stopping server wait for it.
 */
export class Attempt<TFound extends object> extends Claim {
  readonly kind = 'claimed';
  /** The result that `recover` found of an earlier attempt; if it is set, the resolver must not run. */
  found: TFound | undefined;
  readonly #flight: Flight;
  readonly #waitUntil: number;
  #execution: Execution | undefined;
  #units: Units | undefined;
  #hasRun = false;
  #isOpen = false;

  /**
   * @param flight - a flight that the caller leads; this attempt leads it from now on
   * @param waitUntil - the time until which its request waits for another one, in the local clock
   */
  constructor(
    context: EngineContext,
    request: EngineRequest<TFound>,
    call: BeginCall,
    granted: Claimed,
    flight: Flight,
    waitUntil: number,
  ) {
    super(context, request, call, granted);
    this.#flight = flight;
    this.#waitUntil = waitUntil;
    flight.run();
    flight.isHeld = this.begin.onLapse === 'reject';
    context.inFlight.enter();
  }

  /** The resolver's argument, created on first use. */
  get execution(): Execution {
    return (this.#execution ??= Object.freeze(new ExecutionHandle(this, this.units)));
  }

  /** The argument of `recover`. */
  get info(): AttemptInfo {
    return Object.freeze(new AttemptHandle(this));
  }

  /** The resolver's steps and transactions. */
  get units(): Units {
    if (this.#units === undefined) {
      this.#units = new Units(this);
      if (this.#hasRun) this.#units.end();
    }
    return this.#units;
  }

  /** Prepares for another run of the resolver under the same claim. */
  again(): void {
    this.#units?.again();
  }

  /**
   * Ends with an outcome.
   *
   * @param status - `unavailable` when the outcome cannot be kept
   * @param payload - empty when the outcome cannot be kept
   * @returns `replayed` if another request took over and its outcome is the answer
   * @throws IdempotencyError when another request took over and its outcome cannot be replayed
   */
  async complete(
    status: Exclude<OutcomeStatus, 'failed'>,
    payload: Uint8Array,
  ): Promise<Executed | Replayed> {
    this.#stopUnits();
    try {
      const reply = await this.store(status, payload);
      if (reply?.kind !== 'superseded') return this.#executed(status, payload, reply);
      if (reply.outcome !== undefined) return replayed(reply.outcome, false);
      return await this.#completeAfterTakeover(status, payload);
    } finally {
      this.#end();
    }
  }

  /**
   * Ends with a failure.
   *
   * @param declined - the request was rejected and did not fail: nothing is sealed or kept
   * @returns the error for the client, or the outcome of another request that took over
   */
  async fail(error: unknown, declined: boolean): Promise<Failed | Replayed> {
    if (this.found !== undefined) {
      // The effect exists and a later part failed: the outcome is unknown.
      this.emit({ type: 'recoverFailed', ...this.about, error });
      return { kind: 'failed', error: await this.withdraw(() => refusals.outcomeUnknown(error)) };
    }
    this.#stopUnits();
    try {
      // An effect may have come before any error, even before one of our own.
      if (this.request.policy.onError === 'SEAL' && !declined) return await this.#seal(error);
      // The resolver did not wait for all of its steps: a retry would run them beside themselves.
      await this.#units?.idle();
      const isLost = this.lease.isLost;
      const reply = await this.#give(declined ? 'withdraw' : this.#failureMode());
      // The request that took over has the answer to this one too.
      if (isLost && reply === 'lost') {
        this.emit({ type: 'stale', ...this.about });
        return await this.#failAfterTakeover(error);
      }
      // An error of our own, such as a step's, is reported as `rejected`.
      if (!IdempotencyError.is(error)) {
        const { about, durationMs } = this;
        this.emit({ type: 'released', ...about, durationMs, declined });
      }
      return { kind: 'failed', error };
    } finally {
      this.#end();
    }
  }

  /**
   * Gives the claim up before anything ran: the attempt does not count.
   *
   * @returns the error for its request
   */
  async withdraw(refusal: () => IdempotencyError): Promise<IdempotencyError> {
    this.#stopUnits();
    try {
      await this.#give('withdraw');
      return this.#flight.refuse(refusal);
    } finally {
      this.#end();
    }
  }

  async #seal(error: unknown): Promise<Failed | Replayed> {
    const reply = await this.store('failed', NO_BYTES);
    if (reply?.kind === 'superseded') {
      if (reply.outcome !== undefined) return replayed(reply.outcome, false);
      return this.#failAfterTakeover(error);
    }
    this.#settle(this.outcome('failed', NO_BYTES, reply), reply?.kind === 'stored');
    // Our own error says that a retry may run, which is no longer true.
    if (IdempotencyError.is(error)) return { kind: 'failed', error: refusals.sealed(error) };
    const { about, durationMs } = this;
    this.emit({ type: 'sealed', ...about, durationMs });
    return { kind: 'failed', error };
  }

  /** Another request has the record. If it gives the record back, this attempt's outcome counts. */
  async #completeAfterTakeover(
    status: OutcomeStatus,
    payload: Uint8Array,
  ): Promise<Executed | Replayed> {
    try {
      const answer = await this.#waitForOther();
      if (answer !== undefined) return answer;
    } catch (problem) {
      if (IdempotencyError.is(problem)) throw problem;
      // The other request's outcome is unknown, but this one had an effect.
      this.notStored(new Error('Another request took over, and the store is away.'), true);
      return this.#executed(status, payload, undefined);
    }
    const reply = await this.store(status, payload);
    if (reply?.kind !== 'superseded') return this.#executed(status, payload, reply);
    if (reply.outcome !== undefined) return replayed(reply.outcome, true);
    throw refusals.concurrent(this.request.policy.leaseMs);
  }

  async #failAfterTakeover(error: unknown): Promise<Failed | Replayed> {
    try {
      return (await this.#waitForOther()) ?? { kind: 'failed', error };
    } catch (problem) {
      if (IdempotencyError.is(problem)) throw problem;
      return { kind: 'failed', error };
    }
  }

  async #waitForOther(): Promise<Replayed | undefined> {
    const outcome = await waitForOutcome(this.context, this.request, this.#waitUntil);
    if (outcome === undefined) return undefined;
    this.#settle(outcome, true);
    return replayed(outcome, true);
  }

  #executed(
    status: OutcomeStatus,
    payload: Uint8Array,
    reply: Exclude<CompleteReply, { kind: 'superseded' }> | undefined,
  ): Executed {
    const outcome = this.outcome(status, payload, reply);
    const stored = reply?.kind === 'stored';
    this.#settle(outcome, stored);
    return { kind: 'executed', recovered: this.found !== undefined, stored, outcome };
  }

  /** Gives the record's outcome to duplicates in this process. */
  #settle(outcome: StoredOutcome, stored: boolean): void {
    this.#flight.settle({ kind: 'completed', outcome, waited: true, stored });
  }

  /** Gives the claim up. */
  #give(mode: ReleaseMode): ReturnType<Claim['release']> {
    return this.release(mode, async () => {
      // A released record takes no more steps, and the next attempt would run them again.
      await this.#units?.settled();
      // From now on others may claim the record, and end it. A release that is repeated comes here
      // again, when others have the flight.
      if (this.#isOpen) return;
      this.#isOpen = true;
      this.#flight.isHeld = false;
      this.#flight.ask();
    });
  }

  /** The release mode after a failure: with `recover`, the record stays, so that the next attempt calls it. */
  #failureMode(): ReleaseMode {
    return this.request.recover === undefined ? 'erase' : 'keep';
  }

  #stopUnits(): void {
    this.#hasRun = true;
    this.#units?.end();
  }

  #end(): void {
    this.#isOpen = true;
    this.#flight.isHeld = false;
    this.#flight.leave();
    this.context.inFlight.leave();
  }
}
