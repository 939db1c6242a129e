import { systemClock } from '../clock.js';
import { IdempotencyError } from '../errors.js';
import type { Claimed } from '../record/store.js';
import { refusals } from '../refusals.js';
import { withTimeout } from '../timeout.js';
import { Attempt } from './attempt.js';
import { BackgroundWrites } from './background-writes.js';
import { Claim } from './claim.js';
import { Claimant, type BeginCall } from './claimant.js';
import type { EngineContext, EngineOptions } from './context.js';
import { replayed, waitForOutcome } from './duplicates.js';
import { LeaseKeeper } from './lease.js';
import { Place, type HeldClaims } from './place.js';
import type { EngineRequest, Replayed } from './request.js';
import { SingleFlight, type Flight } from './single-flight.js';
import { StoreTimeouts } from './store-timeouts.js';

/** What is still in flight in an engine. */
export interface Unfinished {
  /** Requests without an answer. */
  readonly executions: number;
  /** Writes that the store has not taken yet. */
  readonly writes: number;
}

/**
 * Takes requests to a claim, or to the outcome of another request. The life of a request is `begin`,
 * then its resolver, then `complete` or `fail` of its {@link Attempt}.
 */
export class Engine {
  readonly #context: EngineContext;
  readonly #claimant: Claimant;
  readonly #flights: SingleFlight;
  readonly #held: HeldClaims = new Map();
  #inFlight = 0;
  readonly #onIdle: (() => void)[] = [];

  constructor({ clock = systemClock, ...options }: EngineOptions) {
    const { store, storeTimeoutMs, events, cipher, randomBytes } = options;
    const timeouts = new StoreTimeouts(clock, storeTimeoutMs);
    const leases = new LeaseKeeper(store, clock, storeTimeoutMs);
    const writes = new BackgroundWrites(clock, timeouts);
    this.#context = { store, storeTimeoutMs, clock, events, cipher, timeouts, leases, writes };
    this.#claimant = new Claimant(this.#context, randomBytes);
    this.#flights = new SingleFlight(clock);
  }

  /**
   * Claims the request's record, or waits for whoever has it.
   *
   * @returns an attempt, which the caller must end, or the outcome of another request
   * @throws IdempotencyError when the request is refused
   */
  async begin<TFound extends object>(
    request: EngineRequest<TFound>,
  ): Promise<Attempt<TFound> | Replayed> {
    const { recordId, fingerprint, policy } = request;
    const startedAt = this.#context.clock.now();
    const waitUntil = startedAt + policy.waitMs;
    const flightId = recordId + fingerprint;
    this.#inFlight += 1;
    let begun: Attempt<TFound> | Replayed | undefined;
    try {
      while (begun === undefined) {
        const held = this.#held.get(recordId);
        if (held !== undefined && held.fingerprint !== fingerprint) {
          throw this.#tell(request, refusals.mismatch());
        }
        let flight = this.#flights.find(flightId);
        if (flight === undefined) flight = this.#flights.open(flightId);
        else begun = await this.#join(request, flight, startedAt, waitUntil);
        begun ??= await this.#lead(request, flight, waitUntil);
      }
      return begun;
    } finally {
      this.#leave();
    }
  }

  /**
   * Resolves when everything in flight has ended and is stored, or after `timeoutMs`.
   *
   * @returns what was still in flight
   */
  async drain(timeoutMs: number): Promise<Unfinished> {
    const { writes, clock } = this.#context;
    const ended = async (): Promise<void> => {
      do {
        if (this.#inFlight > 0) await new Promise<void>((resolve) => this.#onIdle.push(resolve));
        await writes.settled();
        // While one was waited for, there may have come more of the other.
      } while (this.#inFlight > 0 || writes.pending > 0);
    };
    await withTimeout(ended(), timeoutMs, clock).catch(() => undefined);
    return { executions: this.#inFlight, writes: writes.pending };
  }

  /** Gives up writes that still go on in the background. */
  stop(): void {
    this.#context.writes.stop();
  }

  /** Waits for the leader of a flight. @returns `undefined`: the caller leads it from now on */
  async #join(
    request: EngineRequest<object>,
    flight: Flight,
    startedAt: number,
    waitUntil: number,
  ): Promise<Replayed | undefined> {
    const { operation, recordId, policy } = request;
    const { clock, events } = this.#context;
    const result = await flight.join(waitUntil);
    if (result === undefined || (result.kind !== 'refused' && result.waited)) {
      const durationMs = clock.now() - startedAt;
      const ended = result !== undefined;
      events.listener?.({ type: 'waited', operation, recordId, durationMs, ended });
    }
    if (result === undefined) throw refusals.concurrent(policy.leaseMs);
    if (result.kind === 'refused') throw this.#tell(request, result.refusal());
    return result.kind === 'completed' ? replayed(result.outcome, result.waited) : undefined;
  }

  /** Asks the store, for all duplicates in this process. @returns `undefined`: ask again */
  async #lead<TFound extends object>(
    request: EngineRequest<TFound>,
    flight: Flight,
    waitUntil: number,
  ): Promise<Attempt<TFound> | Replayed | undefined> {
    let attempt: Attempt<TFound> | undefined;
    try {
      flight.ask();
      const call = await this.#claimant.begin(request);
      const { reply } = call;
      switch (reply.kind) {
        case 'claimed':
          attempt = this.#attempt(request, call, reply, flight, waitUntil);
          break;
        case 'running':
          flight.run();
          return await this.#wait(request, flight, waitUntil);
        case 'completed':
          flight.settle({ kind: 'completed', outcome: reply.outcome, waited: false });
          return replayed(reply.outcome, false);
        case 'lapsed':
          throw flight.refuse(() => refusals.outcomeUnknown());
        case 'mismatch':
          throw this.#tell(request, flight.refuse(refusals.mismatch));
        case 'unreadable': {
          const { operation, recordId } = request;
          const { reason } = reply;
          this.#context.events.listener?.({ type: 'unreadable', operation, recordId, reason });
          throw flight.refuse(refusals.unreadable);
        }
        default:
          return reply satisfies never;
      }
    } catch (error) {
      if (IdempotencyError.is(error)) throw error;
      // The store is away, for everybody.
      const refusal = (): IdempotencyError => refusals.storeUnavailable(error);
      flight.settle({ kind: 'refused', refusal });
      throw refusal();
    } finally {
      if (attempt === undefined) flight.leave();
    }
    const { recover } = request;
    const isFirst = attempt.claim.granted.previous === 'none' || recover === undefined;
    return isFirst ? attempt : this.#recover(attempt, recover);
  }

  #attempt<TFound extends object>(
    request: EngineRequest<TFound>,
    { begin, askedAt }: BeginCall,
    granted: Claimed,
    flight: Flight,
    waitUntil: number,
  ): Attempt<TFound> {
    const { events, clock } = this.#context;
    const claim = new Claim(this.#context, request, begin, granted, askedAt);
    if (events.listener !== undefined) {
      const { about } = claim;
      const durationMs = clock.now() - askedAt;
      claim.emit({ type: 'claimed', ...about, previous: granted.previous, durationMs });
      if (granted.previous === 'lapsed') claim.emit({ type: 'takeover', ...about });
    }
    flight.run();
    this.#inFlight += 1;
    const place = new Place(begin, flight, this.#held, waitUntil, () => {
      this.#leave();
    });
    return new Attempt<TFound>(claim, place);
  }

  /** Asks what became of earlier attempts before anything runs again. */
  async #recover<TFound extends object>(
    attempt: Attempt<TFound>,
    recover: NonNullable<EngineRequest<TFound>['recover']>,
  ): Promise<Attempt<TFound>> {
    let reply: TFound | 'RERUN' | 'UNKNOWN' = 'UNKNOWN';
    let cause: unknown;
    try {
      reply = await recover(attempt.info);
    } catch (error) {
      const { claim } = attempt;
      claim.emit({ type: 'recoverFailed', ...claim.about, error });
      cause = error;
    }
    if (reply === 'UNKNOWN') throw await attempt.withdraw(() => refusals.outcomeUnknown(cause));
    if (reply !== 'RERUN') attempt.found = reply;
    return attempt;
  }

  async #wait(
    request: EngineRequest<object>,
    flight: Flight,
    waitUntil: number,
  ): Promise<Replayed | undefined> {
    const outcome = await waitForOutcome(this.#context, request, waitUntil);
    if (outcome === undefined) return undefined;
    flight.settle({ kind: 'completed', outcome, waited: true });
    return replayed(outcome, true);
  }

  /** Tells of a refusal that is worth an event of its own. */
  #tell(
    { operation, recordId }: EngineRequest<object>,
    refusal: IdempotencyError,
  ): IdempotencyError {
    const isMismatch = refusal.code === 'IDEMPOTENCY_KEY_PARAMETER_MISMATCH';
    if (isMismatch) this.#context.events.listener?.({ type: 'mismatch', operation, recordId });
    return refusal;
  }

  /** A request is not in flight any more. */
  #leave(): void {
    this.#inFlight -= 1;
    if (this.#inFlight > 0) return;
    for (const resolve of this.#onIdle.splice(0)) resolve();
  }
}
