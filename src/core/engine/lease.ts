import type { Clock } from '../clock.js';
import { withTimeout } from '../timeout.js';
import type { IdempotencyStore, RenewRequest } from '../record/store.js';

/** What a lease is taken for. */
export interface LeaseRequest extends RenewRequest {
  /** Whether another request may take the record over once the lease has lapsed. */
  readonly replaceable: boolean;
}

/** A claim that is being renewed. */
export interface Lease {
  /** Aborts when the claim is lost, or can no longer be known to be held. */
  readonly signal: AbortSignal;
  /** The claim turned out to be lost: aborts the signal and ends renewal. */
  lose(): void;
  /** Ends renewal. Resolves when no renewal of this lease is in flight any more. */
  stop(): Promise<void>;
}

/** Renews all leases of a process with one timer and one batch at a time. */
export interface LeaseKeeper {
  hold(request: LeaseRequest): Lease;
}

/** A renewal that failed is tried again after this part of the lease. */
const RETRY_FRACTION = 12;
const RENEW_FRACTION = 3;

const ENDED = Promise.resolve();

/** Creates the keeper of all leases of one engine. */
export function createLeaseKeeper(
  store: IdempotencyStore,
  clock: Clock,
  timeoutMs: number,
): LeaseKeeper {
  const held = new Set<HeldLease>();
  let cancelTimer: (() => void) | undefined;
  let timerDueAt = Infinity;
  let inFlight: Promise<void> | undefined;

  /** Sees to it that the timer goes off no later than `dueAt`. */
  function arm(dueAt: number): void {
    // A batch in flight arms the timer again when it returns.
    if (inFlight !== undefined || dueAt >= timerDueAt) return;
    cancelTimer?.();
    timerDueAt = dueAt;
    cancelTimer = clock.schedule(Math.max(0, dueAt - clock.now()), () => {
      timerDueAt = Infinity;
      inFlight = renewDue().finally(() => {
        inFlight = undefined;
        armForEarliest();
      });
    });
  }

  function armForEarliest(): void {
    let dueAt = Infinity;
    for (const lease of held) dueAt = Math.min(dueAt, lease.dueAt);
    arm(dueAt);
  }

  /** The timer may be set for a lease that has ended; the last one takes it along. */
  function drop(lease: HeldLease): boolean {
    const wasHeld = held.delete(lease);
    if (held.size === 0) {
      cancelTimer?.();
      timerDueAt = Infinity;
    }
    return wasHeld;
  }

  async function renewDue(): Promise<void> {
    const sentAt = clock.now();
    const batch = [...held].filter(
      ({ dueAt, request }) => dueAt <= sentAt + request.leaseMs / RETRY_FRACTION,
    );
    for (const lease of batch) {
      lease.dueAt = sentAt + lease.request.leaseMs / RETRY_FRACTION;
      if (lease.request.replaceable && sentAt > lease.safeUntil) {
        lease.abort('The claim could not be renewed in time.');
      }
    }
    if (batch.length === 0) return;
    const requests = batch.map(({ request }) => request);
    try {
      const replies = await withTimeout(store.renew(requests), timeoutMs, clock);
      batch.forEach((lease, index) => {
        if (replies[index] === 'renewed') extend(lease, sentAt);
        else lose(lease);
      });
    } catch {
      // Nothing was learned; each lease is due again soon, and its safe time goes on running.
    }
  }

  function lose(lease: HeldLease): void {
    // A lease that was stopped meanwhile was given up, not lost.
    if (drop(lease)) lease.abort('The claim was lost to another request.');
  }

  function extend(lease: HeldLease, from: number): void {
    lease.dueAt = from + lease.request.leaseMs / RENEW_FRACTION;
    // A tenth is left for clocks that run at different speeds.
    lease.safeUntil = from + lease.request.leaseMs * 0.9;
  }

  function stop(lease: HeldLease): Promise<void> {
    drop(lease);
    return inFlight ?? ENDED;
  }

  const keeper = { lose, stop };
  return {
    hold(request) {
      const lease = new HeldLease(request, keeper);
      extend(lease, clock.now());
      held.add(lease);
      arm(lease.dueAt);
      return lease;
    },
  };
}

/** What a lease needs of its keeper. */
interface Keeper {
  readonly lose: (lease: HeldLease) => void;
  readonly stop: (lease: HeldLease) => Promise<void>;
}

class HeldLease implements Lease {
  dueAt = 0;
  /** Until then, in the local clock, nobody else can own the record. */
  safeUntil = 0;
  readonly request: LeaseRequest;
  readonly #keeper: Keeper;
  /** Made when somebody asks for the signal: most resolvers never do. */
  #controller: AbortController | undefined;
  #abortedBecause: Error | undefined;

  constructor(request: LeaseRequest, keeper: Keeper) {
    this.request = request;
    this.#keeper = keeper;
  }

  get signal(): AbortSignal {
    if (this.#controller === undefined) {
      this.#controller = new AbortController();
      if (this.#abortedBecause !== undefined) this.#controller.abort(this.#abortedBecause);
    }
    return this.#controller.signal;
  }

  abort(reason: string): void {
    this.#abortedBecause ??= new Error(reason);
    this.#controller?.abort(this.#abortedBecause);
  }

  lose(): void {
    this.#keeper.lose(this);
  }

  stop(): Promise<void> {
    return this.#keeper.stop(this);
  }
}
