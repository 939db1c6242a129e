import { systemClock } from '../async/clock.js';
import { IdempotencyError } from '../errors.js';
import type { StoredOutcome } from '../record/record.js';
import type { BeginReply } from '../record/store.js';
import { refusals } from '../refusals.js';
import { Attempt } from './attempt/attempt.js';
import { BeginCall } from './begin-call.js';
import { EngineContext, type EngineOptions, type Unfinished } from './context.js';
import { replayed, waitForOutcome } from './duplicates.js';
import { recovered } from './attempt/recovered.js';
import type { EngineRequest, Replayed } from './request.js';
import { SingleFlight, type Flight } from './single-flight.js';

/**
 * Gives each request a claim or the outcome of another request. A request calls `begin`, then its
 * resolver, then `complete` or `fail` of its {@link Attempt}.
 */
export class Engine {
  readonly #context: EngineContext;
  readonly #flights: SingleFlight;

  constructor({ clock = systemClock, ...options }: EngineOptions) {
    this.#context = new EngineContext(options, clock);
    this.#flights = new SingleFlight(clock);
  }

  /**
   * Claims the request's record, or waits for its owner.
   *
   * @returns an attempt, which the caller must end, or the outcome of another request
   * @throws IdempotencyError when the request is rejected
   */
  async begin<TFound extends object>(
    request: EngineRequest<TFound>,
  ): Promise<Attempt<TFound> | Replayed> {
    const { inFlight, clock } = this.#context;
    const { recordId, fingerprint, policy } = request;
    const startedAt = clock.now();
    const waitUntil = startedAt + policy.waitMs;
    let begun: Attempt<TFound> | Replayed | undefined;
    inFlight.enter();
    try {
      while (begun === undefined) {
        let flight = this.#flights.find(recordId, fingerprint);
        if (flight !== undefined && flight.fingerprint !== fingerprint) {
          throw this.#mismatch(request);
        }
        if (flight === undefined) flight = this.#flights.open(recordId, fingerprint);
        else begun = await this.#join(request, flight, startedAt, waitUntil);
        begun ??= await this.#lead(request, flight, waitUntil);
      }
      return begun;
    } finally {
      inFlight.leave();
    }
  }

  /**
   * Resolves when everything in flight has ended and is stored, or after `timeoutMs`.
   *
   * @returns what was still in flight
   */
  drain(timeoutMs: number): Promise<Unfinished> {
    return this.#context.drain(timeoutMs);
  }

  /** Gives up writes that are still repeated in the background. */
  stop(): void {
    this.#context.writes.stop();
  }

  /** Waits for the leader of a flight. @returns `undefined` if the caller leads it from now on */
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
    if (result.kind === 'refused') {
      const refusal = result.refusal();
      throw refusal.code === 'IDEMPOTENCY_KEY_PARAMETER_MISMATCH'
        ? this.#mismatch(request, refusal)
        : refusal;
    }
    if (result.kind === 'lead') return undefined;
    return replayed(result.outcome, result.waited, result.stored);
  }

  /** Calls the store for all duplicates in this process. @returns `undefined` to call it again */
  async #lead<TFound extends object>(
    request: EngineRequest<TFound>,
    flight: Flight,
    waitUntil: number,
  ): Promise<Attempt<TFound> | Replayed | undefined> {
    let call: BeginCall | undefined;
    let reply: BeginReply;
    flight.ask();
    try {
      call = new BeginCall(this.#context, request);
      reply = await call.reply();
      call.refuseIfLate(reply);
    } catch (error) {
      const { operation, recordId } = request;
      this.#context.events.listener?.({ type: 'storeFailure', operation, recordId, error });
      call?.withdraw();
      throw storeAway(flight, error);
    }
    if (reply.kind !== 'claimed') return this.#found(request, reply, flight, waitUntil);
    const attempt = new Attempt(this.#context, request, call, reply, flight, waitUntil);
    const { recover } = request;
    const isFirst = reply.previous === 'none' || recover === undefined;
    return isFirst ? attempt : recovered(attempt, recover);
  }

  /** Handles a record of another owner. @returns its outcome; `undefined` if there is none: call again */
  async #found(
    request: EngineRequest<object>,
    reply: Exclude<BeginReply, { kind: 'claimed' }>,
    flight: Flight,
    waitUntil: number,
  ): Promise<Replayed | undefined> {
    try {
      switch (reply.kind) {
        case 'running':
          flight.run();
          return await this.#wait(request, flight, waitUntil);
        case 'completed':
          flight.settle({ kind: 'completed', outcome: reply.outcome, waited: false, stored: true });
          return replayed(reply.outcome, false);
        case 'lapsed':
          throw flight.refuse(() => refusals.outcomeUnknown());
        case 'mismatch':
          throw this.#mismatch(request, flight.refuse(refusals.mismatch));
        case 'unreadable': {
          const { operation, recordId } = request;
          const { reason } = reply;
          this.#context.events.listener?.({ type: 'unreadable', operation, recordId, reason });
          throw flight.refuse(refusals.unreadable);
        }
        default:
          return reply satisfies never;
      }
    } finally {
      flight.leave();
    }
  }

  /** Waits for an owner in another process. */
  async #wait(
    request: EngineRequest<object>,
    flight: Flight,
    waitUntil: number,
  ): Promise<Replayed | undefined> {
    let outcome: StoredOutcome | undefined;
    try {
      outcome = await waitForOutcome(this.#context, request, waitUntil);
    } catch (error) {
      throw IdempotencyError.is(error) ? error : storeAway(flight, error);
    }
    if (outcome === undefined) return undefined;
    flight.settle({ kind: 'completed', outcome, waited: true, stored: true });
    return replayed(outcome, true);
  }

  /** Reports that a key was used with other arguments. */
  #mismatch(
    { operation, recordId }: EngineRequest<object>,
    refusal = refusals.mismatch(),
  ): IdempotencyError {
    this.#context.events.listener?.({ type: 'mismatch', operation, recordId });
    return refusal;
  }
}

/** The error for all requests of a flight whose store is unavailable. */
function storeAway(flight: Flight, error: unknown): IdempotencyError {
  const refusal = (): IdempotencyError => refusals.storeUnavailable(error);
  flight.settle({ kind: 'refused', refusal });
  return refusal();
}
