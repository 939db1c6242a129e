import { AsyncResource } from 'node:async_hooks';
import type { Clock } from '../../async/clock.js';
import type { BeginRequest, IdempotencyStore } from '../../record/store.js';

/** A lease is renewed after this part of it. */
const RENEW_PART = 1 / 3;
/** A renewal that failed is sent again after this part of the lease. */
const RETRY_PART = 1 / 12;
/** One without an answer is sent again after this part at the latest, beside the first. */
const ANSWER_PART = 1 / 4;
/** For so much of it a lease is known to be held: a tenth is left for clocks of different speeds. */
export const HELD_PART = 0.9;
/** How often the timer may go off, in milliseconds: leases that end together are one turn of it. */
const TIMER_MS_MIN = 10;

/**
 * The lease of a claim, which is renewed until it is stopped or lost.
 *
 * Invariant: `heldUntil` is the last moment, in the local clock, at which nobody else can own the
 * record. It counts from when the store was asked, because the store may have answered at once.
 */
export class Lease {
  readonly request: BeginRequest;
  readonly #renewals: LeaseRenewals;
  /** When the next renewal is due. */
  renewAt = 0;
  heldUntil = 0;
  #lostBecause: Error | undefined;
  /** Made when somebody asks for the signal: most resolvers never do. */
  #controller: AbortController | undefined;
  #abort: ((reason: Error) => void) | undefined;

  /** Whether another request may take the record over once the lease has lapsed. */
  readonly #isReplaceable: boolean;

  constructor(request: BeginRequest, renewals: LeaseRenewals) {
    this.request = request;
    this.#isReplaceable = request.onLapse !== 'reject';
    this.#renewals = renewals;
  }

  /** Aborts when the claim is lost, or can no longer be known to be held. */
  get signal(): AbortSignal {
    if (this.#controller === undefined) {
      const controller = new AbortController();
      this.#controller = controller;
      // Whoever listens does so for this request; the timer belongs to all of them.
      this.#abort = AsyncResource.bind((reason: Error) => {
        controller.abort(reason);
      });
      if (this.#lostBecause !== undefined) controller.abort(this.#lostBecause);
    }
    this.checkTime();
    return this.#controller.signal;
  }

  /** Whether the claim is lost, or can no longer be known to be held. */
  get isLost(): boolean {
    this.checkTime();
    return this.#lostBecause !== undefined;
  }

  /** @throws the reason of the signal, if the claim is lost */
  throwIfLost(): void {
    this.checkTime();
    if (this.#lostBecause !== undefined) throw this.#lostBecause;
  }

  /** When something has to be done about the lease. */
  get dueAt(): number {
    const ends = this.#isReplaceable && this.#lostBecause === undefined;
    return ends ? Math.min(this.renewAt, this.heldUntil) : this.renewAt;
  }

  /** The claim is held for a lease from `askedAt`, when the store was asked. */
  extend(askedAt: number): void {
    const { leaseMs } = this.request;
    this.renewAt = Math.max(this.renewAt, askedAt + leaseMs * RENEW_PART);
    this.heldUntil = Math.max(this.heldUntil, askedAt + leaseMs * HELD_PART);
  }

  /** Takes the claim for lost once it can no longer be known to be held. */
  checkTime(): void {
    if (!this.#isReplaceable || this.#lostBecause !== undefined) return;
    if (this.#renewals.now() >= this.heldUntil)
      this.#lose('The claim could not be renewed in time.');
  }

  /** The claim turned out to be lost: aborts the signal and ends renewal. */
  lose(): void {
    // One that was stopped meanwhile was given up, not lost.
    if (this.#renewals.drop(this)) this.#lose('The claim was lost to another request.');
  }

  /** Ends renewal. One that is in flight does not revive a claim that is given up. */
  stop(): void {
    this.#renewals.drop(this);
  }

  #lose(reason: string): void {
    this.#lostBecause ??= new Error(reason);
    this.#abort?.(this.#lostBecause);
  }
}

/** Renews all leases of an engine: with one timer, and each is judged by its own replies. */
export class LeaseRenewals {
  readonly #store: IdempotencyStore;
  readonly #clock: Clock;
  readonly #timeoutMs: number;
  readonly #held = new Set<Lease>();
  #timerDueAt = Infinity;
  #cancelTimer: () => void = () => undefined;
  /** In the context of the engine: no request's trace or transaction is to have the renewals. */
  readonly #onTimer = AsyncResource.bind(() => {
    this.#tick();
  });

  /** @param timeoutMs - how long the answer to a renewal is waited for before it is sent again */
  constructor(store: IdempotencyStore, clock: Clock, timeoutMs: number) {
    this.#store = store;
    this.#clock = clock;
    this.#timeoutMs = timeoutMs;
  }

  now(): number {
    return this.#clock.now();
  }

  /**
   * Holds a claim that the store has made.
   *
   * @param askedAt - when the store was asked for it, in the local clock
   */
  hold(request: BeginRequest, askedAt: number): Lease {
    const lease = new Lease(request, this);
    lease.extend(askedAt);
    this.#held.add(lease);
    this.#arm(lease.dueAt);
    return lease;
  }

  /** @returns whether the lease was still held */
  drop(lease: Lease): boolean {
    // The timer stays: most leases end before it goes off, and setting timers costs more than that.
    return this.#held.delete(lease);
  }

  /** Sees to it that the timer goes off no later than `dueAt`. */
  #arm(dueAt: number): void {
    if (dueAt >= this.#timerDueAt) return;
    this.#cancelTimer();
    this.#timerDueAt = dueAt;
    const delayMs = Math.max(TIMER_MS_MIN, dueAt - this.now());
    this.#cancelTimer = this.#clock.schedule(delayMs, this.#onTimer);
  }

  #tick(): void {
    this.#timerDueAt = Infinity;
    const now = this.now();
    let dueAt = Infinity;
    for (const lease of this.#held) {
      // Those that are almost due go along.
      if (lease.renewAt <= now + lease.request.leaseMs * RETRY_PART) void this.#renew(lease, now);
      lease.checkTime();
      dueAt = Math.min(dueAt, lease.dueAt);
    }
    if (dueAt < Infinity) this.#arm(dueAt);
  }

  async #renew(lease: Lease, askedAt: number): Promise<void> {
    const { leaseMs } = lease.request;
    const answerMs = Math.min(this.#timeoutMs, leaseMs * ANSWER_PART);
    lease.renewAt = askedAt + Math.max(answerMs, leaseMs * RETRY_PART);
    try {
      const { recordId, owner, retentionMs } = lease.request;
      const reply = await this.#store.renew({ recordId, owner, leaseMs, retentionMs });
      if (reply === 'renewed') lease.extend(askedAt);
      else lease.lose();
    } catch {
      // Nothing was learned. It is due again soon, and the time for which it is held goes on running.
    }
  }
}
