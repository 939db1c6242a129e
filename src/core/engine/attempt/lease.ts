import { AsyncResource } from 'node:async_hooks';
import type { Clock } from '../../async/clock.js';
import type { BeginRequest, IdempotencyStore } from '../../record/store.js';

/** The part of a lease after which it is renewed. */
const RENEW_PART = 1 / 3;
/** The part of a lease after which a failed renewal is sent again. */
const RETRY_PART = 1 / 12;
/** The longest part of a lease that a reply is waited for before the renewal is sent again. */
const ANSWER_PART = 1 / 4;
/** The part of a lease that is certainly held: a tenth is left for clocks that run at different speeds. */
export const HELD_PART = 0.9;
/** The shortest time between two timers, in milliseconds: leases that are due together share one. */
const TIMER_MS_MIN = 10;

/**
 * The lease of a claim. It is renewed until it is stopped or lost.
 *
 * Invariant: `heldUntil` is the last moment, in the local clock, at which nobody else can own the
 * record. It counts from the call to the store, because the store may have granted the lease at once.
 */
export class Lease {
  readonly request: BeginRequest;
  readonly #renewals: LeaseRenewals;
  /** The time of the next renewal. */
  renewAt = 0;
  heldUntil = 0;
  #lostBecause: Error | undefined;
  /** Created when the signal is first read: most resolvers never read it. */
  #controller: AbortController | undefined;
  #abort: ((reason: Error) => void) | undefined;

  /** True if another request may take the record over once the lease has lapsed. */
  readonly #isReplaceable: boolean;

  constructor(request: BeginRequest, renewals: LeaseRenewals) {
    this.request = request;
    this.#isReplaceable = request.onLapse !== 'reject';
    this.#renewals = renewals;
  }

  /** Aborts when the claim is lost or is no longer certainly held. */
  get signal(): AbortSignal {
    if (this.#controller === undefined) {
      const controller = new AbortController();
      this.#controller = controller;
      // Listeners run in the context of this request; the timer belongs to all requests.
      this.#abort = AsyncResource.bind((reason: Error) => {
        controller.abort(reason);
      });
      if (this.#lostBecause !== undefined) controller.abort(this.#lostBecause);
    }
    this.checkTime();
    return this.#controller.signal;
  }

  /** True if the claim is lost or is no longer certainly held. */
  get isLost(): boolean {
    this.checkTime();
    return this.#lostBecause !== undefined;
  }

  /** @throws the reason of the signal, if the claim is lost */
  throwIfLost(): void {
    this.checkTime();
    if (this.#lostBecause !== undefined) throw this.#lostBecause;
  }

  /** The time at which the lease must be renewed or checked. */
  get dueAt(): number {
    const ends = this.#isReplaceable && this.#lostBecause === undefined;
    return ends ? Math.min(this.renewAt, this.heldUntil) : this.renewAt;
  }

  /** Extends the lease from `askedAt`, the time of the call to the store. */
  extend(askedAt: number): void {
    const { leaseMs } = this.request;
    this.renewAt = Math.max(this.renewAt, askedAt + leaseMs * RENEW_PART);
    this.heldUntil = Math.max(this.heldUntil, askedAt + leaseMs * HELD_PART);
  }

  /** Treats the claim as lost once it is no longer certainly held. */
  checkTime(): void {
    if (!this.#isReplaceable || this.#lostBecause !== undefined) return;
    if (this.#renewals.now() >= this.heldUntil)
      this.#lose('The claim could not be renewed in time.');
  }

  /** Marks the claim as lost: aborts the signal and ends renewal. */
  lose(): void {
    // A lease that was stopped meanwhile was given up, not lost.
    if (this.#renewals.drop(this)) this.#lose('The claim was lost to another request.');
  }

  /** Ends renewal. A renewal in flight does not revive a claim that was given up. */
  stop(): void {
    this.#renewals.drop(this);
  }

  #lose(reason: string): void {
    this.#lostBecause ??= new Error(reason);
    this.#abort?.(this.#lostBecause);
  }
}

/** Renews all leases of an engine with one timer; each depends on its own replies only. */
export class LeaseRenewals {
  readonly #store: IdempotencyStore;
  readonly #clock: Clock;
  readonly #timeoutMs: number;
  readonly #held = new Set<Lease>();
  #timerDueAt = Infinity;
  #cancelTimer: () => void = () => undefined;
  /** Runs in the context of the engine, so renewals belong to no request's trace or transaction. */
  readonly #onTimer = AsyncResource.bind(() => {
    this.#tick();
  });

  /** @param timeoutMs - the longest wait for the reply to a renewal before it is sent again */
  constructor(store: IdempotencyStore, clock: Clock, timeoutMs: number) {
    this.#store = store;
    this.#clock = clock;
    this.#timeoutMs = timeoutMs;
  }

  now(): number {
    return this.#clock.now();
  }

  /**
   * Holds a claim that the store has granted.
   *
   * @param askedAt - the time of the call to the store, in the local clock
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
    // The timer stays: most leases end before it fires, and an idle run costs less than a new timer.
    return this.#held.delete(lease);
  }

  /** Sets the timer to fire no later than `dueAt`. */
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
      // Leases that are almost due are renewed with the others.
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
      // The result is unknown: the renewal is due again soon, and the held time keeps running out.
    }
  }
}
