import { IdempotencyError } from '../../errors.js';
import type { OutcomeStatus, StoredOutcome } from '../../record/record.js';
import type { BeginRequest, Claimed, CompleteReply, ReleaseMode } from '../../record/store.js';
import { refusals } from '../../refusals.js';
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
 * Invariant: whoever is given an attempt ends it, once, by `complete`, `fail` or `withdraw`. Until
 * then its lease is renewed, duplicates wait for it, and so does a stopping server.
 */
export class Attempt<TFound extends object> extends Claim {
  readonly kind = 'claimed';
  /** What `recover` found of earlier attempts: the resolver must not run then. */
  found: TFound | undefined;
  readonly #flight: Flight;
  /** Until when its request waits for another one, in the local clock. */
  readonly #waitUntil: number;
  #execution: Execution | undefined;
  #units: Units | undefined;
  #hasRun = false;
  #isOpen = false;

  /**
   * @param flight - the caller leads it, and leaves that to this attempt
   * @param times - in the local clock; `askedAt`: when the store was asked for the record
   */
  constructor(
    context: EngineContext,
    request: EngineRequest<TFound>,
    begin: BeginRequest,
    granted: Claimed,
    flight: Flight,
    times: { readonly askedAt: number; readonly waitUntil: number },
  ) {
    super(context, request, begin, granted, times.askedAt);
    this.#flight = flight;
    this.#waitUntil = times.waitUntil;
    flight.run();
    flight.isHeld = begin.onLapse === 'reject';
    context.inFlight.enter();
  }

  /** What the resolver is given; made when somebody asks for it. */
  get execution(): Execution {
    return (this.#execution ??= Object.freeze(new ExecutionHandle(this, this.units)));
  }

  /** What `recover` is given. */
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

  /** The resolver is about to run another time under the same claim. */
  again(): void {
    this.#units?.again();
  }

  /**
   * Ends with an outcome.
   *
   * @param status - `unavailable` when the outcome cannot be kept
   * @param payload - empty when the outcome cannot be kept
   * @returns `replayed` if another request had taken over, and its outcome is the answer
   * @throws IdempotencyError when another one had taken over and its outcome cannot be given
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
   * @param declined - the request was turned down rather than failed: never sealed, and nothing of it
   * is kept
   * @returns the error for the client, or the outcome of another request that had taken over
   */
  async fail(error: unknown, declined: boolean): Promise<Failed | Replayed> {
    if (this.found !== undefined) {
      // The effect is there, and what failed came after it: nobody can tell what that means.
      this.emit({ type: 'recoverFailed', ...this.about, error });
      return { kind: 'failed', error: await this.withdraw(() => refusals.outcomeUnknown(error)) };
    }
    this.#stopUnits();
    try {
      // Whatever was thrown, even one of our own errors: an effect may have come before it.
      if (this.request.policy.onError === 'SEAL' && !declined) return await this.#seal(error);
      const isLost = this.lease.isLost;
      const reply = await this.#give(declined ? 'withdraw' : this.#failureMode());
      // Whoever took over has the answer to this request too.
      if (isLost && reply === 'lost') {
        this.emit({ type: 'stale', ...this.about });
        return await this.#failAfterTakeover(error);
      }
      // A refusal of ours, as of a step, is told as `rejected`.
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
   * Gives the claim up before anything ran: the attempt counts for nothing.
   *
   * @returns the refusal of its request
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
    this.#settle(this.outcome('failed', NO_BYTES, reply));
    // One of ours says that a retry may run, which is not so any more.
    if (IdempotencyError.is(error)) return { kind: 'failed', error: refusals.sealed(error) };
    const { about, durationMs } = this;
    this.emit({ type: 'sealed', ...about, durationMs });
    return { kind: 'failed', error };
  }

  /** Another request has the record. If that one gives it back, this one's outcome counts after all. */
  async #completeAfterTakeover(
    status: OutcomeStatus,
    payload: Uint8Array,
  ): Promise<Executed | Replayed> {
    try {
      const answer = await this.#waitForOther();
      if (answer !== undefined) return answer;
    } catch (problem) {
      if (IdempotencyError.is(problem)) throw problem;
      // Nobody can say what the other's outcome is, but this one had an effect.
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
    this.#settle(outcome);
    return replayed(outcome, true);
  }

  #executed(
    status: OutcomeStatus,
    payload: Uint8Array,
    reply: Exclude<CompleteReply, { kind: 'superseded' }> | undefined,
  ): Executed {
    const outcome = this.outcome(status, payload, reply);
    this.#settle(outcome);
    const recovered = this.found !== undefined;
    return { kind: 'executed', recovered, stored: reply?.kind === 'stored', outcome };
  }

  /** The record has an outcome: duplicates in this process get it. */
  #settle(outcome: StoredOutcome): void {
    this.#flight.settle({ kind: 'completed', outcome, waited: true });
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

  /** What a record remembers of a failure: with `recover`, the next attempt must ask it. */
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
